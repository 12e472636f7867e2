/*
 * The delivery protocol of lib/channel/delivery.ts and lib/channel/decision.ts on one channel, for the model checker SPIN.
 * `npm run model` searches it.
 *
 * One DynamoDB call is one atomic step. Between two steps anything may happen: another function runs, a sender sends, a
 * write arrives that was given up, a client asks again.
 *
 * It has: sends in any order; sends that are retried after the delivery; functions that run syncs at the same time; a client
 * with `ack` that gives up and asks again, loses an answer, or dies after it has processed a batch and before it has saved
 * the receipt; clients without `ack`; clocks that go forward and back, so that any read may find a lease over; a message with
 * an id of the far future, whose time comes; sessions that end; functions that
 * die; deletes that fail; writes of the head whose outcome nobody is told: applied, refused, never arrived, or arriving later.
 * The head's ring and lineage are so short that both forget. At the end a new client drains the channel.
 *
 * It leaves out: retention, sizes in bytes, fingerprints that collide, and how long a lease holds.
 *
 * What must hold (each is an assertion, named where it stands):
 *   once    A message goes out unflagged once, and before it goes out flagged. It reaches clients unflagged once.
 *   first   What reaches the client with `ack` unflagged has not been with it before, in this life or an earlier one.
 *   reason  A new message goes out flagged only if the head has forgotten one at or after it, or it was stored while it was of
 *           the far future.
 *   kept    A message that was sent reaches a client, unless a sync without `ack` settled it and failed.
 *   told    A sync without `ack` that answers has in its answer all that it has settled and all that it may yet settle. A
 *           refusal, since the session has ended, counts as an answer with nothing.
 *   clean   The drained channel has no message left, and draining ends.
 *
 * BREAK_... breaks one rule of the protocol. The runner shows that each of them makes an assertion fail.
 */

/* The bounds of the search. */
#ifndef MESSAGES
#define MESSAGES 2
#endif
#ifndef RESENDS
#define RESENDS 1       /* sends that are retried after their message has gone */
#endif
#ifndef FAULTS
#define FAULTS 1        /* deaths, lost answers, failed deletes, and writes of which nobody is told: all in all */
#endif
#ifndef SYNCS_0
#define SYNCS_0 2       /* that the first function runs */
#endif
#ifndef SYNCS_1
#define SYNCS_1 2       /* that the second function runs */
#endif
#ifndef ROUNDS
#define ROUNDS 2        /* of read and write, before a sync fails: LIMITS.syncAttempts */
#endif
#ifndef PAGE
#define PAGE 2          /* messages that one read sees */
#endif
#ifndef LIMIT
#define LIMIT 2         /* messages of one batch */
#endif
#define RING_KEPT 1     /* LIMITS.settledKept and settledMost */
#define RING_MOST 2
#ifdef BREAK_LINEAGE_OF_ONE
#define LINEAGE 1
#else
#define LINEAGE 2       /* writes that the head remembers: WRITES_KEPT in lib/channel/head.ts */
#endif
#ifdef WITH_FUTURE
#define LATE    only(MESSAGES)              /* the last message has an id of a time that has not come */
#define FUTURE  (hasCome -> 0 : LATE)       /* the messages of the far future */
#else
#define LATE    0
#define FUTURE  0
#endif
#ifndef TURNS
#define TURNS 2         /* of the clock: the time of that id comes, and the clock is set back */
#endif

/* A message is a number from 1 on, which is its place in the order as well. A set of messages is a bit mask. */
#define NONE 0
#define only(m)       (1 << ((m) - 1))
#define upTo(m)       ((1 << (m)) - 1)
#define has(set, m)   (((set) >> ((m) - 1)) & 1)
#define ALL           upTo(MESSAGES)
#define last(set)     (has(set, 3) -> 3 : (has(set, 2) -> 2 : (has(set, 1) -> 1 : NONE)))     /* of at most 3 */

/* Clients. Each shows the receipt of the last batch that it has saved. NONE stands for "no ack" as well. */
#define ACKER    0      /* with ack; it begins with a string of its own */
#define PLAIN    1      /* without ack; many of them */
#define DRAINER  2      /* with ack, the last one, alone */
#define OWN_STRING(client) (100 + (client))

/* The channel: the items of the messages, and the head. */
byte items;
byte version;           /* of the head; NONE: there is no head */
byte receipt;           /* of the batch that is out: the version that took it out */
byte previous;          /* the ack that took it out */
byte out;               /* the batch that is out */
byte newest, older;     /* the ring of settled messages */
byte horizon;
byte ahead;             /* forgotten before its time had come */
byte lastWrite, writeBefore;    /* the lineage; NONE for a write whose function was told, as it never asks */

bool hasCome;           /* the time of the last message's id */
byte storedFar;         /* items that were stored before that */
byte turns;

/* A write of the head that was given up and may arrive at any time, with what it was computed from. */
bool late;
byte lateFor;           /* the function whose sync it belongs to, plus 1; NONE once that sync has failed */
byte lateBase, lateName, lateAck, lateConfirmed, lateBatch, lateFlags, lateOverdue, latePage;
bool lateWhole, lateAgain;

/* The clients, as far as they are remembered. */
byte saved[3];
byte asks[3];           /* the function that the client waits for, plus 1 */

/* The ledger. */
byte sent;
byte handedOut;         /* in a batch, flagged or not */
byte had, hadUnflagged; /* by clients */
byte hadByAcker;
byte forgotten;         /* what raised the horizon */
byte forfeited;         /* settled by a sync without ack that failed */
byte settledBy[2];      /* by the present sync without ack of each function */
byte resends, faults, finished;

hidden byte m, n, age, keptNewest, keptOlder, settles, message;  /* used within one step only */

/*
 * What is known of the forgotten messages after these are forgotten: lib/channel/ring.ts, `remember`. What is of the far
 * future does not raise the horizon; it is kept apart until its time has come.
 */
inline raiseHorizon(set) {
#ifdef BREAK_FUTURE_RAISES_HORIZON
  m = last(set);
#else
  m = last((set) & ~FUTURE);
#endif
  forgotten = forgotten | ((set) & ~FUTURE);
#ifndef BREAK_FUTURE_FORGOTTEN
  ahead = ahead | ((set) & FUTURE);
#endif
  if :: last(ahead & ~FUTURE) > m -> m = last(ahead & ~FUTURE) :: else fi;
  forgotten = forgotten | (ahead & ~FUTURE);
  ahead = ahead & FUTURE;
#ifndef BREAK_NO_HORIZON
  if :: m > horizon -> horizon = m :: else fi;
#endif
#ifdef BREAK_HORIZON_TAKEN_BACK
  if :: has(FUTURE, horizon) -> horizon-- :: else fi;    /* as lib/channel/ring.ts, `lower`, does with old heads */
#endif
}

/* One more of the ring: lib/channel/ring.ts, `addSettled`. It is gone if the page proves it. */
inline keepOrForget(message, page, whole) {
  if
  :: (message) == NONE -> skip
  :: (message) != NONE && (age < RING_KEPT || (n < RING_MOST && (has(page, message) || !((whole) || (message) < last(page))))) ->
    if :: n == 0 -> keptNewest = message :: else -> keptOlder = message fi;
    n++; age++
  :: else -> raiseHorizon(only(message)); age++
  fi
}

inline dropLateWrite() {
  late = 0; lateFor = NONE; lateBase = 0; lateName = 0; lateAck = 0; lateConfirmed = 0; lateBatch = 0; lateFlags = 0;
  lateOverdue = 0; latePage = 0; lateWhole = 0; lateAgain = 0
}

/* The conditional write of the head, once its condition holds. */
inline writeHead(name, ack, confirmed, batch, flags, again, overdue, page, whole) {
  assert((handedOut & (batch) & ~(flags)) == 0);                              /* once */
  if
  :: again -> skip
  :: else -> m = last(forgotten); assert(((flags) & ~storedFar & ~upTo(m) & ~handedOut) == 0)  /* reason */
  fi;
  handedOut = handedOut | (batch);
  raiseHorizon(overdue);

  settles = (confirmed);
  if :: (ack) == NONE -> settles = settles | (batch) :: else fi;
  n = 0; age = 0; keptNewest = NONE; keptOlder = NONE;
  for (message : 1 .. MESSAGES) { if :: has(settles, message) -> keepOrForget(message, page, whole) :: else fi }
  keepOrForget(newest, page, whole);
  keepOrForget(older, page, whole);
#ifdef BREAK_NO_RING
  keptNewest = NONE; keptOlder = NONE;
#endif
  newest = keptNewest; older = keptOlder;

  version++;
  writeBefore = lastWrite; lastWrite = name;
  if
  :: (ack) != NONE && (batch) != 0 -> receipt = version; previous = ack; out = batch
  :: else -> receipt = NONE; previous = NONE; out = 0
  fi;
  dropLateWrite()     /* its condition does not hold any more */
}

/* A write of the head that renews the lease of the batch that is out, or takes what is gone out of it. */
inline renewHead(left, overdue) {
  raiseHorizon(overdue);
  version++; writeBefore = lastWrite; lastWrite = NONE; out = left;
  dropLateWrite()
}

/* One conditional put. A send is tried again only once its message has gone: before, the retry finds it there. */
#define store(m)  items = items | only(m); storedFar = (storedFar & ~only(m)) | (only(m) & FUTURE)
#define send(m)   d_step { m <= MESSAGES && !has(sent, m) -> sent = sent | only(m); store(m) }
#ifdef WITH_OLD_HEAD
#define mayResend(m) (has(LATE, m) -> !hasCome : 1)     /* nobody can tell any more, once its time has come */
#else
#define mayResend(m) 1
#endif
#define resend(m) d_step { m <= MESSAGES && has(sent & ~items, m) && resends < RESENDS && mayResend(m) -> resends++; store(m) }

proctype Sender() {
  do
  :: send(1) :: send(2) :: send(3)
  :: resend(1) :: resend(2) :: resend(3)
  :: sent == ALL -> break
  od;
  finished++
}

#ifdef WITH_FUTURE
/* Time passes, or a clock that was ahead is set back. */
proctype Clock() {
end:
  do :: d_step { turns < TURNS -> turns++; hasCome = !hasCome } od
}
#endif

/* The write that was given up arrives; or never does. */
proctype Network() {
  byte name, ack, owner;
end:
  do
  :: d_step {
      late && version == lateBase ->
      name = lateName; ack = lateAck; owner = lateFor;
      writeHead(name, ack, lateConfirmed, lateBatch, lateFlags, lateAgain, lateOverdue, latePage, lateWhole);
      if
      :: ack == NONE && owner == NONE -> forfeited = forfeited | settles
      :: ack == NONE && owner != NONE -> settledBy[owner - 1] = settledBy[owner - 1] | settles
      :: else
      fi;
      name = 0; ack = 0; owner = 0
    }
  od
}

/*
 * A Lambda function, which runs one sync after the other. Labels are named as in lib/channel/delivery.ts and decision.ts.
 * Where `calm`, the last client drains the channel: alone, without faults, with every lease over.
 */
#define mayFail (!calm && faults < FAULTS)
#define OPENS (ROUNDS - 1)
#define writeName ((me << 5) | (syncs << 2) | round)

/* The sync forgets what it has read. Equal states are searched once. */
inline forgetRead() {
  seen = 0; page = 0; whole = 0; dead = 0; held = 0; confirmed = 0; overdue = 0; again = 0; isReplay = 0; isOver = 0
}
inline forgetOpen() {
  d_step {
    opened = 0; openBase = 0;
#if ROUNDS > 2
    openName[1] = 0; openBatch[1] = 0; openFlags[1] = 0; openLeaves[1] = 0;
#endif
    openName[0] = 0; openBatch[0] = 0; openFlags[0] = 0; openLeaves[0] = 0
  }
}

/* Nobody is told what became of the write: it is kept in `open`, until the head tells. */
inline keepOpen() {
  faults++;
  if
  :: opened < OPENS ->
    openBase = seen; openName[opened] = writeName; openBatch[opened] = batch; openFlags[opened] = flags;
    openLeaves[opened] = leaves; opened++
  :: else     /* the last round: nobody will look */
  fi;
  batch = 0; flags = 0; leaves = 0;
  forgetRead()
}

proctype Function(byte me; bool calm) {
  byte syncs, round, client, ack;
  byte seen, page, dead, held, confirmed, overdue, again, batch, flags, leaves, answer;
  bool whole, isReplay, isOver;
  byte opened, openBase, openName[OPENS], openBatch[OPENS], openFlags[OPENS], openLeaves[OPENS];

sync:
  atomic {
    if
    :: calm -> assert(syncs < 7); client = DRAINER                                            /* clean */
    :: !calm && syncs < (me == 0 -> SYNCS_0 : SYNCS_1) -> client = ACKER
    :: !calm && syncs < (me == 0 -> SYNCS_0 : SYNCS_1) -> client = PLAIN
    :: !calm && syncs == (me == 0 -> SYNCS_0 : SYNCS_1) -> goto done
    fi;
    syncs++;
    if :: client != PLAIN -> ack = saved[client]; asks[client] = me + 1 :: else fi   /* it gives up every call before */
  }

read:
  atomic {
    if :: round == ROUNDS -> goto failed :: else -> round++ fi;
    if :: calm -> isOver = 1 :: !calm -> isOver = 0 :: !calm -> isOver = 1 fi;    /* whatever the clock says */
    d_step {
      seen = version; held = out; answer = receipt;
      page = 0; whole = 1; n = 0;
      for (m : 1 .. MESSAGES) {
        if
        :: has(items, m) && n < PAGE -> page = page | only(m); n++
        :: has(items, m) && n >= PAGE -> whole = 0
        :: else
        fi
      }
      dead = 0;
      if :: newest != NONE -> dead = dead | (page & only(newest)) :: else fi;
      if :: older != NONE -> dead = dead | (page & only(older)) :: else fi
    };

    /* resolveFates: what became of the writes of which nobody was told. */
    if
    :: opened > 0 && version != openBase ->
#ifdef BREAK_NO_LINEAGE
      forgetOpen()
#else
      d_step {
        age = NONE;     /* the write that came directly after the open ones' base, if the lineage tells */
        if
        :: version - openBase == 1 -> age = lastWrite
        :: version - openBase == 2 && LINEAGE > 1 -> age = writeBefore
        :: else
        fi;
        n = 0;
        do :: n < opened && (age == NONE || openName[n] != age) -> n++ :: else -> break od
      };
      if
      :: n < opened ->                                                           /* applied */
        batch = openBatch[n]; flags = openFlags[n]; leaves = openLeaves[n];
        answer = ((ack != NONE && batch == 0) -> ack : openBase + 1);
        forgetRead(); forgetOpen(); goto sweep
      :: else ->
#if !defined(BREAK_FORGOTTEN_IS_FAILED) && !defined(BREAK_LINEAGE_OF_ONE)
        if :: ack == NONE && version - openBase >= LINEAGE -> goto failed :: else fi;    /* forgotten */
#endif
        forgetOpen()                                                                     /* failed */
      fi
#endif
    :: else
    fi;

    /* decide: the ack that is shown against the batch that is out. */
    if
    :: held == 0 -> goto plan
    :: held != 0 && ack != NONE && ack == receipt ->
      confirmed = held;
#ifdef BREAK_CONFIRM_BY_RANGE
      confirmed = confirmed | (page & ~dead & upTo(last(held)));
#endif
      goto plan
#ifdef BREAK_PREVIOUS_CONFIRMS
    :: held != 0 && ack != NONE && ack != receipt && ack == previous -> confirmed = held; goto plan
#else
    :: held != 0 && ack != NONE && ack != receipt && ack == previous -> isReplay = 1
#endif
    :: else ->
      if
      :: !isOver ->                                                                      /* wait */
#ifndef BREAK_WAITS_WHILE_OPEN
        if :: ack == NONE && opened > 0 -> goto failed :: else fi;
#endif
        leaves = 0; answer = ack; forgetRead(); forgetOpen(); goto reply
#ifdef BREAK_REISSUE_MIXED
      :: isOver -> held = 0; goto plan
#else
      :: isOver
#endif
      fi
    fi;
#ifdef BREAK_AGAIN_FROM_PAGE
    again = held & page; overdue = 0; goto outstanding;
#endif
    if :: (held & ~page) == 0 -> again = held; goto outstanding :: else fi
  };

  /* The messages of the batch that the page does not reach. */
  atomic { again = held & (page | items); overdue = held & ~again };

outstanding:
  atomic {
    if
    :: isReplay && again != 0 ->
      batch = again;
#ifdef BREAK_REPLAY_UNFLAGGED
      flags = again & upTo(horizon);
#else
      flags = again;
#endif
      if
      :: overdue == 0 -> forgetRead(); goto reply
      :: (overdue != 0 || !calm) && version == seen ->      /* the lease is nearly over, or a part is gone */
        d_step { renewHead(again, overdue) };
        forgetRead(); goto reply
      :: overdue != 0 && version != seen -> batch = 0; flags = 0; forgetRead(); goto read
      fi
    :: else
    fi
  };

plan:
  atomic {
    d_step {
      if
      :: again != 0 -> batch = again; flags = again
      :: else ->
        n = 0; batch = 0;
        for (m : 1 .. MESSAGES) {
          if :: has(page & ~dead & ~confirmed, m) && n < LIMIT -> batch = batch | only(m); n++ :: else fi
        }
#ifdef BREAK_FUTURE_UNFLAGGED
        flags = batch & (upTo(horizon) | ahead)
#else
        flags = batch & (upTo(horizon) | ahead | storedFar)
#endif
      fi;
      leaves = dead | confirmed | (ack == NONE -> batch : 0)
    };
    if
    :: batch == 0 && confirmed == 0 && overdue == 0 ->                                   /* nothing */
#ifndef BREAK_NOTHING_WHILE_OPEN
      if :: ack == NONE && opened > 0 -> goto failed :: else fi;
#endif
      answer = ack; forgetRead(); forgetOpen(); goto sweep
    :: else
    fi
  };

#ifdef BREAK_DELETE_FIRST
  atomic { items = items & ~leaves };
  if :: mayFail -> faults++; goto failed :: skip fi;
#endif

  /* permit: the session may have ended meanwhile. */
#ifdef WITH_ENDED_SESSIONS
  if
  :: true -> skip
  :: atomic { !calm ->
#ifndef BREAK_REFUSES_WHILE_OPEN
      if :: ack == NONE && opened > 0 -> goto failed :: else fi;
#endif
      batch = 0; flags = 0; leaves = 0; answer = ack; forgetRead(); forgetOpen(); goto reply
    }
  fi;
#endif

  /* The write, which is the moment at which everything happens at once. */
  atomic {
    if
#ifdef BREAK_NO_CONDITION
    :: true ->
#else
    :: version == seen ->
#endif
      d_step {
        writeHead(NONE, ack, confirmed, batch, flags, again != 0, overdue, page, whole);
        if :: ack == NONE -> settledBy[me] = settledBy[me] | settles :: else fi
      };
      answer = ((ack != NONE && batch == 0) -> ack : version);
      forgetRead(); forgetOpen(); goto sweep
    :: mayFail && version == seen ->            /* it applies, and nobody is told */
      d_step {
        writeHead(writeName, ack, confirmed, batch, flags, again != 0, overdue, page, whole);
        if :: ack == NONE -> settledBy[me] = settledBy[me] | settles :: else fi
      };
      keepOpen()
#ifndef BREAK_NO_CONDITION
    :: version != seen -> batch = 0; flags = 0; leaves = 0; forgetRead(); goto read      /* refused */
    :: mayFail -> keepOpen()                    /* refused or never arrived, and nobody is told */
    :: mayFail && version == seen && !late ->   /* it may arrive later */
      d_step {
        late = 1; lateFor = me + 1; lateBase = seen; lateName = writeName; lateAck = ack; lateConfirmed = confirmed;
        lateBatch = batch; lateFlags = flags; lateAgain = (again != 0); lateOverdue = overdue; latePage = page;
        lateWhole = whole
      };
      keepOpen()
#endif
    fi;
    answer = 0
  };
  if :: goto read :: !calm -> goto failed fi;   /* looks again, or dies */

sweep:
  do
  :: leaves == 0 -> break
  :: leaves != 0 -> d_step { m = last(leaves); items = items & ~only(m); leaves = leaves & ~only(m) }
  :: leaves != 0 && mayFail -> atomic { faults++; leaves = 0 }                           /* the deletes fail */
  :: leaves != 0 && mayFail -> atomic { faults++; goto failed }                          /* it dies */
  od;

reply:
  atomic {
    if
    :: client == PLAIN || asks[client] == me + 1 ->
      assert((hadUnflagged & batch & ~flags) == 0);                                      /* once */
      if
      :: client == ACKER -> assert((hadByAcker & batch & ~flags) == 0); hadByAcker = hadByAcker | batch    /* first */
      :: else
      fi;
      had = had | batch; hadUnflagged = hadUnflagged | (batch & ~flags);
      if
      :: client == PLAIN ->
        assert((settledBy[me] & ~batch) == 0);                                           /* told */
        assert(lateFor != me + 1);                                                       /* told */
        settledBy[me] = 0
      :: client != PLAIN -> saved[client] = answer
      :: client != PLAIN && mayFail && batch != 0 -> faults++     /* it has processed the batch, and dies before it saves */
      fi;
      if :: lateFor == me + 1 -> lateFor = NONE :: else fi;
      goto ended
    :: client != PLAIN && asks[client] != me + 1 -> goto failed                          /* nobody waits any more */
    :: mayFail -> faults++; goto failed                                                  /* the answer is lost */
    fi
  };

failed:
  atomic {
    forfeited = forfeited | settledBy[me]; settledBy[me] = 0;
    if :: lateFor == me + 1 -> lateFor = NONE :: else fi
  };

ended:
  atomic {
    if :: client != PLAIN && asks[client] == me + 1 -> asks[client] = NONE :: else fi;
    if
    :: calm && batch == 0 && answer == ack && items == 0 -> goto done
    :: else ->
      round = 0; client = 0; ack = 0; batch = 0; flags = 0; leaves = 0; answer = 0;
      forgetRead(); forgetOpen();
      goto sync
    fi
  };

done:
  finished++
}

init {
  atomic {
    saved[ACKER] = OWN_STRING(ACKER); saved[DRAINER] = OWN_STRING(DRAINER);
#ifdef WITH_OLD_HEAD
    /* An older version has handed the last message out, forgotten it, and raised the horizon; that was lowered since. */
    sent = LATE; handedOut = LATE; had = LATE; hadUnflagged = LATE;
#endif
#ifdef WITH_FUTURE
    run Clock();
#endif
    run Sender(); run Function(0, 0); run Function(1, 0); run Network()
  };
  atomic { finished == 3 -> run Function(0, 1) };
  finished == 4;
  d_step {
    assert((sent & ~had & ~forfeited) == 0);                                             /* kept */
    assert(items == 0)                                                                   /* clean */
  }
}
