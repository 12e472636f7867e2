/*
 * Several devices of one user: which channels a message is put on, and what becomes of it when devices come and go. The rules
 * are those of lib/devices, for the model checker SPIN. `npm run model` searches it.
 *
 * A channel is taken as exact (channel.pml): what is put on it, once or again, is handed out once to the client that syncs it.
 * So a channel is a set of messages here. Each DynamoDB call is one atomic step. A conditional write of the device map that
 * fails is tried again from the read, so a change of the map is one step as well.
 *
 * Devices are numbered in the order in which they came: "older" is "smaller". Device 0 is the first one.
 *
 * It has: logins by a name, by neither a name nor an id (the shared device), and by the previous id; lost answers to logins,
 * which the client repeats; logouts; removals of other devices; sends, their repeats, and senders that give up; functions that finish what
 * is ending or leaving, several at once, and that die at any step; and with the settings
 *   WITH_OWN_COPIES  the message comes from the device that the first client is on
 *   WITH_PERSONAL    sessions of the shared device that become personal (POST /devices)
 *   WITH_OWN_REMOVALS  clients on the shared device that remove it
 *   FULL             channels that are full when a message comes
 *   EARLIER          three devices that are in use already, and a message that waits on the oldest alone
 *   WITH_SYNCS       syncs in two steps, batches that are handed out and not acknowledged yet, and syncs that go on when their
 *                    session has ended
 *   DAYS             how often a device becomes one that was not seen for 30 days
 *
 * A hand-over copies what was stored before the heir had been there for a minute, and everything where the heir has missed something
 * or came earlier. When a message was stored is what its item says: each try of a send stamps its own.
 *
 * "A minute ago" stands for: no send still runs that has read the map without that device.
 *
 * What must hold (each is an assertion, named where it stands):
 *   reached  A message that was answered 202, and whose send began after a device's login was answered, is on that device's
 *            channel at the end, if the device is still there. (Own copies: except on the device it came from.)
 *   kept     At the end a last client logs in by name: each message that was answered 202 was acknowledged by somebody, or
 *            lies on a channel that a client is logged in on. What was sent, or waited, where only shared logins were was
 *            acknowledged, or lies on the channel of a device that is in the map.
 *   alone    No two clients are on one personal device.
 *   sound    A client that is logged in is on a device that is in the map.
 *   single   At most one device is dormant, and one shared device is in use.
 *   once     A leaving channel hands out nothing that was put on the heir as not handed out.
 *
 * BREAK_... breaks one rule. The runner shows that each of them makes an assertion fail.
 */

/* The bounds of the search. */
#ifndef DEVICES
#define DEVICES 4       /* device numbers, the last of them for the client that comes at the end */
#endif
#ifndef MESSAGES
#define MESSAGES 1
#endif
#ifndef CLIENTS
#define CLIENTS 2
#endif
#ifndef LOGINS
#define LOGINS 1        /* of each client; after a logout it may log in again with 2 */
#endif
#ifndef TRIES
#define TRIES 2         /* of each send */
#endif
#ifndef REMOVALS
#define REMOVALS 1      /* of other devices than one's own */
#endif
#ifndef LOST
#define LOST 1          /* answers to logins that are lost */
#endif
#ifndef HELPERS
#define HELPERS 2       /* functions that finish what is ending or leaving */
#endif
#ifndef FULL
#define FULL 0          /* channels that are full when a message comes */
#endif
#ifndef DAYS
#define DAYS 0          /* devices that become unseen */
#endif
#define LAST CLIENTS    /* the client that comes at the end */
#ifdef EARLIER
#define FIRST_SEND 1
#define STAYING 63      /* the id of the login of a client on device 2 that does nothing any more */
#else
#define FIRST_SEND 0
#endif

#define bit(n) (1 << (n))
#define ifThere(d, set) (has(map, d) -> (set) : 0)
#define has(set, n) (((set) >> (n)) & 1)
#define lowest(set, n) n = 0; do :: n < DEVICES && !has(set, n) -> n++ :: else -> break od

/* The map: sets of devices. */
byte map = 1, dormant = 1, shared, ending, leaving;
byte missed;                            /* have not got every message */
byte heirOf[DEVICES];                   /* of those that are leaving */
byte next = 1;                          /* the next device's number */
byte young;                             /* came less than a minute ago */
byte login[DEVICES];                    /* the id of the login that the entry is for */
byte taken[DEVICES];                    /* how often the channel changed hands; a device's id is its number and this */

#if DAYS > 0
byte unseen, days;                      /* not seen for 30 days */
#endif

/* Channels: messages put on them; those that a batch has that is out; those that were acknowledged. */
byte put[DEVICES], out[DEVICES], settled[DEVICES];
byte late[DEVICES * MESSAGES];   /* of what is put on a channel: the devices that had been there for a minute when it was stored */
byte had;                               /* acknowledged by somebody */
#ifdef WITH_SYNCS
byte syncing[CLIENTS + 1];              /* the channel that a permitted sync of the client is about to write, plus 1 */
byte plain[DEVICES];                    /* what was put on an heir as not handed out */
#endif

/* Clients. */
byte on[CLIENTS + 1], since[CLIENTS + 1]; /* the device of the client's session, plus 1; and its `taken` */
byte using;                             /* clients whose login was answered */
byte answered;                          /* devices that a login was answered for */
byte lost, removals, fulls;

/* Sends. */
byte accepted, onlyShared;              /* messages answered 202; those that waited where only shared logins were */
byte owed[MESSAGES];                    /* devices that have to get the message */
byte running, read[MESSAGES];           /* sends under way, and the map that each has read */
byte ended, begun;
hidden byte i, k, others, stays;
#ifdef BREAK_HANDED_ONCE
byte handedOnce;
#endif

#ifdef BREAK_ENDING_IS_SKIPPED
#define here (map & ~leaving & ~ending)
#else
#define here (map & ~leaving)           /* devices that messages are put on */
#endif
#define open (map & ~leaving & ~ending) /* that one may log in on */
#ifdef BREAK_SHARED_COUNTS
#define personal (map & ~leaving)
#else
#define personal (map & ~leaving & ~shared)
#endif
#define olderThan(d) (bit(d) - 1)
/* Those that may have had what was handed over to a personal device. A shared one may have been personal. */
#ifdef BREAK_NEXT_SHARED_IS_NEW
#define othersThan(d) (map & ~leaving & ~shared & ~bit(d))
#else
#define othersThan(d) (map & ~leaving & ~bit(d))
#endif

#ifdef BREAK_NO_MINUTE
#define isYoung(heir) false
#else
#define isYoung(heir) has(young, heir)
#endif
#ifdef BREAK_TWO_LEAVE_AT_ONCE
#define isBlocked false
#else
#define isBlocked (leaving != 0)
#endif
#define isSingle(set) (((set) & ((set) - 1)) == 0)

inline checkSingle() {
  assert(isSingle(dormant) && isSingle(shared & open)) /* single */
}

inline setDormant(d) {
#ifndef BREAK_SHARED_HAS_EVERYTHING
  if :: has(shared, d) && othersThan(d) != 0 -> missed = missed | bit(d) :: else fi;
#endif
  dormant = dormant | bit(d); shared = shared & ~bit(d); ending = ending & ~bit(d);
  taken[d]++ /* its id is dead */
#ifdef WITH_SYNCS
  ; plain[d] = 0
#endif
}

inline see(d) {
#if DAYS > 0
  unseen = unseen & ~bit(d)
#else
  skip
#endif
}

/* lib/devices/expiry-decision.ts: each decision begins with it. */
inline expire() {
#if DAYS > 0
  ending = ending | (unseen & map & ~leaving & ~dormant)
#else
  skip
#endif
}

inline forget(d) {
  map = map & ~bit(d); dormant = dormant & ~bit(d); shared = shared & ~bit(d); ending = ending & ~bit(d);
  leaving = leaving & ~bit(d); heirOf[d] = 0; missed = missed & ~bit(d); young = young & ~bit(d); login[d] = 0;
  taken[d] = 0; put[d] = 0; out[d] = 0; settled[d] = 0; /* its channel is closed */
  for (k : 0 .. MESSAGES - 1) { late[d * MESSAGES + k] = 0 };
  see(d)
#ifdef WITH_SYNCS
  ; plain[d] = 0
#endif
}

/*
 * lib/devices/leave-decision.ts: what becomes of a device when its sessions have ended. It sets `k` to the device that what
 * waits is put on at once, though the device does not leave yet; or to DEVICES.
 */
inline leave(d) {
  expire();
  others = personal & ~bit(d); stays = others & (dormant | ~ending);
  login[d] = 0; answered = answered & ~bit(d); k = DEVICES;
#ifdef BREAK_CLOSED_AND_EMPTIED
  if
  :: (map & ~dormant & ~bit(d)) != 0 -> forget(d)
  :: else -> setDormant(d)
  fi;
#else
  if
#ifdef BREAK_MISSED_COUNTS
  :: (others & olderThan(d)) != 0 -> forget(d)
#else
  :: (others & ~missed & olderThan(d)) != 0 -> forget(d)
#endif
  :: else ->
    if
    :: isBlocked -> ending = ending | bit(d)
    :: else -> /* chooseHeir */
      lowest(others & ~missed & ~olderThan(d), i);
      if :: i == DEVICES || stays == 0 -> lowest(others & olderThan(d), i) :: else fi;
      if :: i == DEVICES -> lowest(stays & ~olderThan(d), i) :: else fi;
      if
      :: i == DEVICES -> setDormant(d)
      :: i < DEVICES && isYoung(i) -> ending = ending | bit(d); k = i
      :: i < DEVICES && !isYoung(i) -> ending = ending | bit(d); leaving = leaving | bit(d); heirOf[d] = i
      fi
    fi
  fi;
#endif
  checkSingle()
}

inline endSessions(device) {
  d_step { for (k : 0 .. CLIENTS) { if :: on[k] == device + 1 -> on[k] = 0 :: else fi } }
}

/*
 * The head of a channel is written once more: a sync that was permitted before cannot write it any more. And what waits is
 * read, which is later; what is read more by that does no harm.
 */
inline readWaiting(d, heir) {
#if defined(WITH_SYNCS) && !defined(BREAK_NO_FENCE)
  for (k : 0 .. CLIENTS) { if :: syncing[k] == d + 1 -> syncing[k] = 0 :: else fi };
#endif
  waiting = put[d] & ~settled[d];
#ifdef BREAK_OUT_IS_DELIVERED
  waiting = waiting & ~out[d];
#endif
#ifdef BREAK_CUT_ALWAYS
  if
  :: true ->
#else
  if
  :: !has(missed, heir) && heir > d ->
#endif
    for (k : 0 .. MESSAGES - 1) { if :: has(late[d * MESSAGES + k], heir) -> waiting = waiting & ~bit(k) :: else fi }
  :: else
  fi
}

/* A conditional put: what is there stays as it is. */
inline store(device, message, stamped) {
  if
  :: has(map, device) && !has(put[device], message) ->
    put[device] = put[device] | bit(message); late[device * MESSAGES + message] = stamped
  :: else
  fi
}

/* lib/devices/hand-over.ts: a function that finds a mark. It may die at any step. */
proctype HandOver() {
  byte d, heir, waiting, m; bool leaves;
end:
  do
  :: atomic { leaving != 0 ->
      if :: has(leaving, 0) -> d = 0 :: has(leaving, 1) -> d = 1 :: has(leaving, 2) -> d = 2 :: has(leaving, 3) -> d = 3 fi;
      d_step { heir = heirOf[d]; leaves = 1; readWaiting(d, heir) } };
#ifdef BREAK_HANDED_ONCE
    if :: has(handedOnce, d) -> waiting = 0 :: else fi;
#endif
    goto copy
  :: atomic { (ending & ~leaving) != 0 -> /* two calls; a session that is stored between them makes no difference */
      if
      :: has(ending & ~leaving, 0) -> d = 0
      :: has(ending & ~leaving, 1) -> d = 1
      :: has(ending & ~leaving, 2) -> d = 2
      :: has(ending & ~leaving, 3) -> d = 3
      fi;
#ifndef BREAK_SESSIONS_END_LATER
      endSessions(d);
#endif
      d_step { leave(d); heir = k; if :: heir < DEVICES -> readWaiting(d, heir) :: else fi }
    };
#ifdef BREAK_SESSIONS_END_LATER
    endSessions(d);
#endif
#ifdef BREAK_HANDED_ONCE
    if :: heir < DEVICES && waiting == 0 -> handedOnce = handedOnce | bit(d) :: else fi;
#endif
    if :: heir < DEVICES && waiting != 0 -> goto copy :: else -> goto finish fi;
copy:
    do
    :: waiting != 0 -> atomic {
        m = 0; do :: !has(waiting, m) -> m++ :: else -> break od;
#ifdef WITH_SYNCS
        if :: has(ending, d) && !has(put[heir] | out[d], m) -> plain[d] = plain[d] | bit(m) :: else fi;
#endif
        if :: has(shared, heir) -> onlyShared = onlyShared | bit(m) :: else fi; /* a login has made it shared meanwhile */
        store(heir, m, late[d * MESSAGES + m]); waiting = waiting & ~bit(m); m = 0 }
    :: waiting != 0 -> break /* it dies */
    :: waiting == 0 -> atomic {
        if
        :: leaves && has(leaving, d) -> forget(d)
        :: else
#ifdef BREAK_HANDED_ONCE
          ; handedOnce = handedOnce | bit(d)
#endif
        fi;
        break }
    od;
finish:
    atomic { d = 0; heir = 0; waiting = 0; m = 0; leaves = 0 }
  od
}

#if DAYS > 0
/* Days pass without a login or a sync on a device. */
proctype Days() {
  byte d;
end:
  do
  :: atomic { days < DAYS && ended < CLIENTS + MESSAGES && (map & ~unseen & ~young & ~leaving) != 0 -> days++;
      if
      :: has(map & ~unseen & ~young & ~leaving, 0) -> d = 0
      :: has(map & ~unseen & ~young & ~leaving, 1) -> d = 1
      :: has(map & ~unseen & ~young & ~leaving, 2) -> d = 2
      fi;
      unseen = unseen | bit(d); d = 0 }
  od
}
#endif

/* A minute passes: every send has ended that had read the map before a device came. */
proctype Clock() {
end:
  do
  :: atomic { young != 0 ->
      lowest(young, k);
      for (i : 0 .. MESSAGES - 1) { if :: has(running, i) && k < DEVICES && !has(read[i], k) -> k = DEVICES :: else fi };
      if :: k < DEVICES -> young = young & ~bit(k) :: else fi
    }
  od
}

inline accept() {
  accepted = accepted | bit(m);
  if :: (done & here) != 0 && (done & personal) == 0 -> onlyShared = onlyShared | bit(m) :: else fi
}

/* A message from somebody else, or an own copy. */
proctype Send(byte m) {
  byte todo, done, passed, tries, from, d, stamp;
begin:
  atomic {
    tries++; done = 0; passed = 0; from = 7; stamp = 0;
#ifdef WITH_OWN_COPIES
    if :: on[0] != 0 -> from = on[0] - 1 :: else -> goto over fi;
#endif
    todo = here & ~bit(from);
#ifdef BREAK_UNSEEN_ARE_SKIPPED
    lowest(personal, d); if :: d == DEVICES -> lowest(here, d) :: else fi; /* but never the oldest one */
    todo = todo & ~(unseen & ~bit(d)); missed = missed | (unseen & here & ~bit(d)); d = 0;
#endif
    running = running | bit(m); read[m] = here; owed[m] = answered & todo
#ifdef BREAK_STALE_READ
    ; todo = todo & ~young; read[m] = todo
#endif
  };
  stamp = map & ~young; /* the time that the message bears */
  do
  :: atomic { todo != 0 ->
      if :: has(todo, 0) -> d = 0 :: has(todo, 1) -> d = 1 :: has(todo, 2) -> d = 2 :: has(todo, 3) -> d = 3 fi;
      if
      :: store(d, m, stamp); done = done | bit(d)
#if FULL > 0
      :: fulls < FULL && (done | (todo & ~bit(d))) != 0 -> fulls++; passed = passed | bit(d)
#endif
      fi;
      todo = todo & ~bit(d); d = 0 }
  :: todo != 0 && tries < TRIES -> goto begin  /* 503; the sender repeats it */
  :: todo != 0 -> goto over                    /* 503, or it dies */
#ifdef BREAK_ANSWER_BEFORE_ALL
  :: atomic { todo != 0 && done != 0 -> accept(); goto over }
#endif
#if FULL > 0
  :: atomic { todo == 0 && passed != 0 -> /* a change of the map: what was passed has missed something */
#ifndef BREAK_SKIPS_WITHOUT_LOOK
      if
      :: (done & here) == 0 && tries < TRIES -> goto begin /* where it was put is gone: 503 */
      :: (done & here) == 0 && tries == TRIES -> goto over
      :: else
      fi;
#endif
      missed = missed | (passed & map); owed[m] = owed[m] & ~passed; passed = 0 }
#endif
  :: atomic { todo == 0 && passed == 0 -> if :: done != 0 -> accept() :: else fi; goto over }
  od;
over:
  atomic { running = running & ~bit(m); read[m] = 0; todo = 0; done = 0; passed = 0; from = 0; stamp = 0; ended++ }
}

#ifdef WITH_SYNCS
/* Syncs that are permitted come to their write, or never do. Their sessions may have ended meanwhile. */
proctype Syncs() {
  byte c, d;
end:
  do
  :: atomic {
      if :: syncing[0] != 0 -> c = 0 :: syncing[1] != 0 -> c = 1 :: syncing[LAST] != 0 -> c = LAST fi;
      d = syncing[c] - 1; syncing[c] = 0;
      if
      :: out[d] != 0 -> settled[d] = settled[d] | out[d]; had = had | out[d]; out[d] = 0 /* the batch is acknowledged */
      :: (put[d] & ~settled[d] & ~out[d]) != 0 ->
        assert((put[d] & ~settled[d] & ~out[d] & plain[d]) == 0); /* once */
        out[d] = put[d] & ~settled[d]
      :: skip
      fi;
      c = 0; d = 0
    }
  od
}
#endif

#define NAME 0       /* asks by a name */
#define NEITHER 1    /* by neither a name nor an id */
#define ID 2         /* by the id that it had, and a name */

/* For a client on a device. The removal of its own personal device is a logout. */
#ifdef WITH_OWN_REMOVALS
#define removable(d) (open & ~dormant & ~(bit(d) & ~shared))
#else
#define removable(d) (open & ~dormant & ~bit(d))
#endif

/* Somebody who logs in, syncs, and goes. */
proctype Client(byte c) {
  byte d, mine, times, kind, id, e; bool moves;
  mine = DEVICES;
#ifdef EARLIER
  if
  :: atomic { c != LAST -> begun = CLIENTS; d = c; times = 1; id = c * 4 + 2;
      if :: has(shared, d) -> kind = NEITHER :: else -> mine = d fi;
      goto use }
  :: else
  fi;
#endif

again:
  atomic {
    begun >= c || c == LAST; begun = (begun > c -> begun : c + 1); /* they are alike: the first one begins first */
    d = 0; id = 0; kind = 0;
    if :: times == LOGINS -> goto left :: else -> times++ fi;
    id = c * 4 + times + 1;
    if :: kind = NAME :: c != LAST -> kind = NEITHER :: c != LAST && mine < DEVICES -> kind = ID fi
  };
write: /* lib/devices/login-decision.ts; also by a repeat, which bears the same id of the login */
  atomic {
    d_step {
#if DAYS > 0
      if :: kind == NEITHER && (shared & open) != 0 -> lowest(shared & open, i); see(i) :: else fi; /* it has no id that could be dead */
      expire();
#endif
      i = DEVICES;
#ifndef BREAK_LOGIN_CANNOT_BE_REPEATED
      for (k : 0 .. DEVICES - 1) { if :: login[k] == id && has(open, k) && kind != NEITHER -> i = k :: else fi };
#endif
      if
      :: i < DEVICES -> d = i
#ifdef BREAK_OLD_ID_STAYS
      :: i == DEVICES && kind == ID && has(open & ~shared, mine) -> d = mine;
#else
      :: i == DEVICES && kind == ID && has(open & ~shared, mine) && taken[mine] == since[c] -> d = mine;
#endif
        dormant = dormant & ~bit(d)
      :: i == DEVICES && kind == NEITHER && (shared & open) != 0 -> lowest(shared & open, d)
      :: else ->
        if
        :: (dormant & open) != 0 -> lowest(dormant & open, d); dormant = dormant & ~bit(d); taken[d]++ /* under a new id */
        :: else -> d = next; if :: next < DEVICES - (c == LAST -> 0 : 1) -> next++; map = map | bit(d); young = young | bit(d) :: else -> d = DEVICES fi
        fi;
        if :: kind == NEITHER && d < DEVICES -> shared = shared | bit(d); onlyShared = onlyShared | put[d] :: else fi
      fi;
      if :: d < DEVICES -> see(d) :: else fi;
      if :: d < DEVICES -> login[d] = (has(shared, d) -> 0 : id) :: else fi;
      checkSingle()
    };
    if :: d == DEVICES -> d = 0; goto left :: else fi /* too many devices */
  };
  atomic { on[c] = d + 1; using = using & ~bit(c) }; /* its session */
look:
  atomic { /* looks at the entry again, and answers */
    if
#ifndef BREAK_NO_SECOND_LOOK
    :: on[c] != d + 1 || !has(open, d) || (login[d] != (kind == NEITHER -> 0 : id)) || (has(shared, d) != (kind == NEITHER)) ->
      on[c] = (on[c] == d + 1 -> 0 : on[c]);
      if
      :: moves -> /* its session has ended: nobody is on the device that it has taken */
        if :: login[d] == id && has(open, d) -> ending = ending | bit(d) :: else fi;
        moves = 0; times--; goto again
      :: else -> goto write
      fi
#endif
    :: lost < LOST && c != LAST -> lost++; goto write /* the answer is lost: the client repeats it */
    :: else ->
      answered = answered | bit(d); moves = 0;
      using = using | bit(c);
      mine = (has(shared, d) -> DEVICES : d); since[c] = taken[d];
      d_step { for (k : 0 .. CLIENTS) {
        assert(k == c || has(shared, d) || on[k] != d + 1 || !has(using, k)) /* alone */
      } }
    fi
  };
use:
  do
#if DAYS > 0
  :: d_step { on[c] == d + 1 && has(unseen, d) -> expire(); on[c] = 0 } /* a day's first sync: its device is gone */
#endif
#ifdef WITH_SYNCS
  :: d_step { on[c] == d + 1 && syncing[c] == 0 && (put[d] & ~settled[d]) != 0 -> syncing[c] = d + 1 }
#else
  :: d_step { on[c] == d + 1 && (put[d] & ~settled[d]) != 0 -> settled[d] = settled[d] | put[d]; had = had | put[d] }
#endif
  :: c == LAST -> break
  :: atomic { c != LAST && on[c] == d + 1 -> /* logout: marks the entry if it is still its; then its session ends, which any */
      if :: login[d] == id && has(open, d) -> ending = ending | bit(d) :: else fi; /* function does that finds the mark */
      on[c] = 0; goto again }
  :: atomic { c != LAST && on[c] == d + 1 && removable(d) != 0 && removals < REMOVALS ->
      removals++; /* a removal of a device: the rest is done by any function that finds the mark */
      if
      :: has(removable(d), 0) -> e = 0
      :: has(removable(d), 1) -> e = 1
      :: has(removable(d), 2) -> e = 2
      fi;
      ending = ending | bit(e); e = 0 }
#ifdef WITH_PERSONAL
  :: atomic { c != LAST && on[c] == d + 1 && kind == NEITHER && has(shared, d) ->
      /* POST /devices: looks whether its session is the only one */
      e = 1; d_step { for (k : 0 .. CLIENTS) { if :: k != c && on[k] == d + 1 -> e = 0 :: else fi } } };
    if
    :: atomic { e == 1 && has(shared & open, d) -> e = 0; kind = NAME; /* lib/devices/personal-decision.ts */
        expire(); moves = 1;
#ifndef BREAK_SHARED_HAS_EVERYTHING
        if :: othersThan(d) != 0 -> missed = missed | bit(d) :: else fi;
#endif
        shared = shared & ~bit(d); login[d] = id; taken[d]++; using = using & ~bit(c) };
#ifndef BREAK_OTHERS_STAY
      d_step { for (k : 0 .. CLIENTS) { if :: k != c && on[k] == d + 1 -> e = e | bit(k) :: else fi } }; /* lists them, and looks then */
      d_step { if :: has(open, d) && login[d] == id && !has(shared, d) ->
          for (k : 0 .. CLIENTS) { if :: has(e, k) && on[k] == d + 1 -> on[k] = 0 :: else fi } :: else fi; e = 0 };
#endif
      goto look
    :: else -> e = 0
    fi
#endif
  :: atomic { on[c] != d + 1 -> goto again }
  :: c != LAST && on[c] == d + 1 -> break /* stays */
  od;
left:
  atomic { d = 0; e = 0; kind = 0; id = 0; mine = 0; times = 0; ended++ }
}

init {
  byte c;
  atomic {
#ifdef EARLIER
    map = 7; dormant = 0; next = 3; put[0] = 1; accepted = 1; ended = 1;
    on[0] = 1; on[1] = 2; using = 3; answered = 7; login[0] = 2; login[1] = 6; login[2] = STAYING;
#if defined(WITH_PERSONAL) || defined(WITH_OWN_REMOVALS)
    shared = 2; login[1] = 0;
#endif
#endif
    for (c : 0 .. CLIENTS - 1) { run Client(c) }
    for (c : FIRST_SEND .. MESSAGES - 1) { run Send(c) }
    for (c : 1 .. HELPERS) { run HandOver() }
#ifdef WITH_SYNCS
    run Syncs();
#endif
#if DAYS > 0
    run Days();
#endif
    run Clock(); c = 0
  };
  atomic { ended == CLIENTS + MESSAGES && leaving == 0 && ending == 0 && young == 0 -> run Client(LAST) };
  ended == CLIENTS + MESSAGES + 1;
#if DAYS > 0
  ending == 0 && leaving == 0; /* those that the last login has found unseen */
#endif
  d_step {
    for (c : 0 .. CLIENTS) {
      assert(on[c] == 0 || has(here, on[c] - 1)) /* sound */
    }
    for (c : 0 .. MESSAGES - 1) {
      others = has(had, c);
      for (i : 0 .. DEVICES - 1) {
        assert(!has(accepted, c) || !has(owed[c] & here, i) || has(put[i], c)) /* reached */
      }
      for (i : 0 .. CLIENTS) { if :: on[i] != 0 && has(put[on[i] - 1], c) -> others = 1 :: else fi }
#ifdef EARLIER
      if :: login[2] == STAYING && has(open, 2) && has(put[2], c) -> others = 1 :: else fi;
#endif
#ifndef WITH_OWN_COPIES
      assert(!has(accepted, c) || has(onlyShared, c) || others) /* kept */
      for (i : 0 .. DEVICES - 1) { if :: has(map, i) && has(put[i], c) -> others = 1 :: else fi };
      assert(!has(accepted, c) || others) /* kept */
#endif
    }
  }
}
