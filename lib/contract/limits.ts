const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Every bound of the system, in one place. Times are in milliseconds, sizes in bytes unless the name says otherwise. */
export const LIMITS = {
  username: { minCharacters: 3, maxCharacters: 32 },
  password: { minCharacters: 8, maxCharacters: 128 },
  /** How long the name of a deleted account is kept from everybody. */
  nameHeld: 90 * DAY,
  /** Of the UTF-8 form. JSON writes a control character in six bytes, so that one message takes 98,524 of an answer at most. */
  contentBytes: 16_384,
  /** Of the request as it came, before it is parsed. */
  bodyBytes: 65_536,
  /**
   * How far the time in a sender's `messageId` may be from the server's. A message from the far future would flag all that
   * follow it, and one from the past would overtake them. The past is a day longer than `retention`: as long as a message
   * waits, it can be sent again under its id.
   */
  messageId: { past: 31 * DAY, future: 10 * MINUTE },
  ackCharacters: 64,
  /** Messages that one sync hands out, at most and by default. */
  batchMessages: 100,
  /**
   * Of the messages that one sync hands out, as JSON writes them, unless a single message is larger. The answer has less
   * than 100 bytes more. API Gateway bills each 512 KB of it. A message takes as much room in the answer as in the table,
   * or more, and a page of DynamoDB ends at 1 MB: two batches fit in it, so that the sync which settles a batch sees the
   * next one.
   */
  batchBytes: 400_000,
  /** How long an undelivered message is kept. */
  retention: 30 * DAY,
  /** How long a batch belongs to the client that took it. */
  lease: 30 * SECOND,
  session: 30 * DAY,
  tokenKeys: {
    /** How long a function that starts may wait for them. Lambda ends a start after 10 s. */
    startTime: 2 * SECOND,
    /** How long a running function remembers the keys. */
    refresh: 5 * MINUTE,
    /** How soon it may read them again since a token names a key that it does not know. */
    reread: 5 * SECOND,
    /** From when a new key is stored until it comes into use: every function has read it by then. */
    notice: 15 * MINUTE,
    /** How much longer than its last token a key is kept. */
    grace: DAY,
    /** Attempts to store a new key while others do so. */
    rounds: 5,
  },
  /** Sessions of one user. A login past it ends the oldest. */
  sessions: 100,
  /** Characters that are kept of a client's User-Agent. */
  userAgentCharacters: 160,
  invites: {
    /** That one command makes. */
    atOnce: 1_000,
    /** That one is valid. */
    days: 365,
  },
  /** Senders that one user may block. */
  blocks: 1_000,
  /** How long a registration may hold a name before its invitation counts. Longer than any request takes. */
  registration: MINUTE,
  /** Settled messages that the head remembers at least, and at most (the head stays below 8 KB). */
  settledKept: 40,
  settledMost: 256,
  /**
   * How far ahead of the server's time a message may raise the head's horizon. More than the 10 minutes by which `send` lets
   * an id be ahead, and any difference between the clocks of two servers.
   */
  horizonAhead: 60 * MINUTE,
  /** Spans of forgotten messages beyond it that the head remembers: 22 bytes each, and none on a usual channel. */
  spansAhead: 16,
  /** Messages that a sync reads beyond two batches, so that a few dead ones do not make a batch smaller. */
  pageSlack: 8,
  login: {
    window: 15 * MINUTE,
    /** With a username from one address: an IPv4 one, or a /64 of IPv6. */
    failuresPerAddress: 10,
    /** With a username from all addresses. Does not refuse one that is known. */
    failuresPerUsername: 100,
    /** Of a user's own sessions, where they have to repeat the password. */
    failuresPerUser: 10,
    /** How long an address is known from which a login has succeeded. */
    known: 30 * DAY,
  },
  /*
   * What a user may do at once, how often a second after that, and how much of it a running function takes out of the
   * user's bucket at once: see `user-limit.ts`. Bursts and rates can be set, see `config.ts`.
   */
  /** Messages. */
  send: { burst: 1_000, perSecond: 50, lease: 50 },
  /** Syncs. One that reads more than `syncBytes` counts as several. */
  sync: { burst: 5_000, perSecond: 100, lease: 250 },
  /** Batches that are handed out again, since their `ack` is shown again. */
  replay: { burst: 50, perSecond: 1, lease: 5 },
  /** Requests of all other routes. */
  call: { burst: 200, perSecond: 10, lease: 20 },
  /** What a sync may read of its channel, and still count as one. */
  syncBytes: 65_536,
  /** More than the clocks of two running functions differ. A time that is further ahead was set by a wrong clock. */
  clocksApart: MINUTE,
  userLimit: {
    leaseTime: MINUTE,
    /** How long a bucket is kept from when it is full again. */
    bucketKept: DAY,
    /** Users whose lease a running function remembers. */
    leasesKept: 10_000,
  },
  /**
   * Requests without a valid token that one running function answers for one address (an IPv4 one, or a /64 of IPv6): at
   * once, and a second after that. Each login and each registration counts as `hash` of them, as it hashes a password. A
   * frame of a WebSocket that has not authenticated counts as `frame` of them: the connection comes and goes with it.
   *
   * That is 300 logins at once and 2 a second in each function. A school of 1,000 behind one address can log in within 10
   * minutes though a single function serves it, and faster where more functions run; a login holds for 30 days.
   */
  address: { burst: 3_000, perSecond: 20, hash: 10, frame: 10, kept: 10_000 },
  /**
   * Repeats of a deletion by tokens whose session has ended, of one user in one running function. Only a deletion that was
   * interrupted needs one.
   */
  deletionRepeats: { burst: 10, perSecond: 1 / 60, kept: 10_000 },
  /** Sessions that a running function remembers as gone. */
  goneSessions: 10_000,
  channel: {
    /** Messages that may wait on one channel. Set by CHANNEL_MESSAGES. */
    messages: 10_000,
    /**
     * Bytes that they may have on average, with all that is stored of them. A count that had to read more would take
     * longer than a request may, and keep the receiver from reading: DynamoDB reads 24 MB of a partition in a second.
     */
    averageBytes: 3_355,
    /** How long a channel is taken for full before it is counted again. */
    recount: 30 * SECOND,
    /** How long a send may wait for a count. */
    countTime: 3 * SECOND,
  },
  /**
   * Rounds of read and conditional write before a sync gives up, and is answered 503. Each lost round means that another
   * sync won it, and costs as much as a sync.
   */
  syncAttempts: 8,
  /** How long the answer to a sync may wait for the settled messages to be deleted. What is left, a later sync deletes. */
  sweepTime: 1 * SECOND,
  /** After this a request is answered 503. It ends before Lambda's timeout, so that the client gets an answer of ours. */
  requestTime: 6 * SECOND,
  live: {
    /** How old a connection may be before it proves whose it is. A later frame of one that has not closes it. */
    proofTime: 10 * SECOND,
    /** Proven connections that a running function remembers. */
    provenKept: 10_000,
    /**
     * Frames that one running function answers for one connection: at once, and a second after that. A client proves
     * itself once and pings every 5 minutes. Past it the connection is closed.
     */
    frames: { burst: 30, perSecond: 0.2, kept: 10_000 },
    /** Proofs that one running function takes of one user, on all connections. Each is stored. */
    proofs: { burst: 100, perSecond: 1, kept: 10_000 },
    /**
     * Looks at the channel of one user that one running function makes for pings, on all connections. A client pings every
     * 5 minutes.
     */
    looks: { burst: 50, perSecond: 1, kept: 10_000 },
    /** Settled messages, put back by their senders, that such a look passes over. More of them count as waiting. */
    deadLooks: 16,
    /** How long the answer to a ping may wait for that look. Clients wait 10 s. */
    lookTime: 2 * SECOND,
    /** How long a connection is remembered: a little longer than API Gateway lets it live, which is 2 hours. */
    kept: 130 * MINUTE,
    /** Of one user. Past it the oldest is not woken any more. */
    connections: 50,
    /**
     * Connections of one receiver that one running function wakes beside the first one of each message: at once, and a
     * second after that. Past it a message wakes one connection alone.
     */
    furtherWakes: { burst: 200, perSecond: 5, kept: 10_000 },
    /** How long the answer to a send may wait, all in all, for the receiver's connections to be woken. */
    wakeTime: 300,
    /**
     * The same for the first one of a process, which has to connect first, with TLS and on a part of a processor; and for
     * one after `wakePause` without any, as what was connected may be dead by then.
     */
    firstWakeTime: 1 * SECOND,
    wakePause: 5 * SECOND,
    /** Of the client that tells and closes connections. Two attempts fit into `firstWakeTime`. */
    gateway: { connectTime: 400, attemptTime: 400, attempts: 2 },
    /** The same for sessions that end, and their connections. */
    hangUpTime: 1 * SECOND,
  },
  database: {
    connectTime: 500,
    /** For one attempt. DynamoDB answers single items in a few milliseconds. */
    attemptTime: 1_000,
    attempts: 3,
    /** Rounds for what a batch command left unprocessed. */
    batchRounds: 6,
  },
} as const;
