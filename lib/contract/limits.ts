import { FILE_BYTES } from "./files.ts";
import { LARGEST_GROUP } from "./groups.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

const REQUEST_TIME = 6 * SECOND;
const CLOCKS_APART = MINUTE;

/* Clients check these, too. Each is exported by itself, so that the page does not load the server's bounds. */

export const USERNAME = { minCharacters: 3, maxCharacters: 32 } as const;
/** What a username is made of, in any case of letters. */
export const USERNAME_FORM = /^[a-z0-9._-]{3,32}$/i;
export const PASSWORD = { minCharacters: 8, maxCharacters: 128 } as const;
export const GROUP = { members: 100, nameCharacters: 64 } as const;

/**
 * Of a message, in UTF-8. JSON writes a control character in six bytes, so one message takes 98,524 of an answer at
 * most; with all the parts of an envelope 98,716 as an own copy, and 98,928 to a group with a long name.
 */
export const CONTENT_BYTES = 16_384;

/**
 * Every bound of the system, in one place. Times are in milliseconds, sizes in bytes unless the name says otherwise.
 */
export const LIMITS = {
  username: USERNAME,
  password: PASSWORD,
  /** How long nobody can register the name of a deleted account. */
  nameHeld: 90 * DAY,
  contentBytes: CONTENT_BYTES,
  /** Of a request, before it is parsed. */
  bodyBytes: 65_536,
  /**
   * How far the time in a sender's `messageId` may be from the server's. A message from the far future would flag all
   * messages after it, and one from the past would overtake others. The past is a day longer than `retention`: a
   * message can be sent again under its id as long as it waits.
   */
  messageId: { past: 31 * DAY, future: 10 * MINUTE },
  ackCharacters: 64,
  /** Messages that one sync hands out, at most and by default. */
  batchMessages: 100,
  /**
   * Of the messages that one sync hands out, in JSON, unless a single message is larger. The answer has less than 100
   * bytes more. API Gateway bills each 512 KB of it. A message takes at least as much room in the answer as in the
   * table, and a page of DynamoDB ends at 1 MB. So two batches fit into a page, and the sync that settles a batch sees
   * the next one.
   */
  batchBytes: 400_000,
  /** Channels that one send writes to side by side: at least those of two users with `mostWithEnding` devices each. */
  putsAtOnce: 40,
  /** How long an undelivered message is kept. */
  retention: 30 * DAY,
  /** How long a batch belongs to the client that fetched it. */
  lease: 30 * SECOND,
  session: 30 * DAY,
  tokenKeys: {
    /** How long the start of a function may wait for them. Lambda ends a start after 10 s. */
    startTime: 2 * SECOND,
    /** How long a running function remembers the keys. */
    refresh: 5 * MINUTE,
    /** How soon it may read them again when a token names an unknown key. */
    reread: 5 * SECOND,
    /** The time between storing a new key and using it: every function has read it by then. */
    notice: 15 * MINUTE,
    /** How much longer than its last token a key is kept. */
    grace: DAY,
    /** Attempts to store a new key while other functions do the same. */
    rounds: 5,
  },
  devices: {
    /** Devices of one user. */
    most: 10,
    /** The same, with those that are ending or leaving: each of them may still get every message. */
    mostWithEnding: 20,
    /** Days after which a device that was not seen has to leave. */
    unseenDays: 30,
    /**
     * Days after which no session can be left on it. One lives for 30 days from a login, which notes the day; and the day of two
     * servers may differ by one.
     */
    endedDays: 32,
    /**
     * How long after a device was found in the map a message may still be on its way that was sent without knowing of it, by the
     * clock of any server: a request ends after `requestTime`, and the server that stamps it may be ahead of the other by `clocksApart`.
     */
    youngFor: REQUEST_TIME + CLOCKS_APART,
    /** Rounds of read and conditional write before a change of the map gives up, and is answered 503. */
    attempts: 8,
    /**
     * How long the name of a device is kept after a login. The session of that login may see the device last when it ends, and the
     * device leaves `endedDays` later at the latest.
     */
    nameKept: 62 * DAY,
    /** Of the name that a login gives its device. */
    nameCharacters: 64,
    /** How long a request may spend on what waits on a device that leaves. The rest is done later. */
    handOverTime: 1 * SECOND,
    /** The same, for a call that is under way when that time is over. */
    handOverBound: 2 * SECOND,
    /** How long before its answer is due a sync stops waiting for that. What it has settled must not be thrown away. */
    answerMargin: 1 * SECOND,
    /** How long at least a session knows that its device may have something to take over. */
    heirKept: 2 * MINUTE,
    /** Messages that one step of a hand-over reads, at most. */
    handOverMessages: 100,
  },
  groups: {
    /** Members of one group. */
    members: GROUP.members,
    /** Members that a group begins with, its maker included. */
    fewest: 2,
    /** Groups that one user may be in. */
    ofUser: 200,
    nameCharacters: GROUP.nameCharacters,
    /** Rounds of read and conditional write before a change of a group gives up, and is answered 503. */
    attempts: 8,
    /** Changes of one group that were not told yet. Past it members can leave, and nothing else changes before some are told. */
    untold: 20,
    /** How long a change may be told by the request that made it. From then on every reader of the group tells it. */
    tellAfter: REQUEST_TIME,
    /**
     * How long a user's note of a group may be ahead of the group, by the clock of any server: the note is stored first, and
     * the request that stored it ends after `requestTime`.
     */
    noteLead: REQUEST_TIME + CLOCKS_APART,
    /** How long the record of a group without members is kept: a repeat of the request that made it must not make it again. */
    goneKept: 31 * DAY,
    /** Groups that the deletion of an account leaves at the same time. */
    leftAtOnce: 20,
    /** Devices that a message to a group goes to. More of them would not be reached within `requestTime`. */
    channelsOfSend: 1_000,
    /**
     * Members whose connections are looked up at the same time, each by a call: as many as the database client makes at once. More of
     * them would keep the puts beside them waiting, until these count as failed.
     */
    lookedUpAtOnce: 50,
    /** Members who are woken at the same time. */
    wokenAtOnce: 20,
    /** How long a request may spend on what earlier ones should have done: changes that were never told. */
    mendTime: 1 * SECOND,
  },
  files: {
    /** Of one file, before it is encrypted. Set by FILE_BYTES. */
    bytes: FILE_BYTES,
    /** Files that a user may upload on one day, in UTC. Set by FILES_PER_DAY. */
    ofDay: 100,
    /** Their bytes together, encrypted. Set by FILE_BYTES_PER_DAY. */
    bytesOfDay: 1_000_000_000,
    /** How long a file is kept: longer than any message waits, and its sender may have uploaded it before. */
    kept: 60 * DAY,
    /** Within what time an upload must begin. */
    uploadTime: 15 * MINUTE,
    /** Within what time a download must begin. Until then anybody who has the URL can fetch the ciphertext, as often as they like. */
    fetchTime: 5 * MINUTE,
    /** How long the count of a day is kept. */
    countKept: 2 * DAY,
  },
  /** Sessions of one user. A login past it ends the oldest on the shared device. */
  sessions: 100,
  /** How many characters of a client's User-Agent are stored. */
  userAgentCharacters: 160,
  invites: {
    /** The most that one command makes. */
    atOnce: 1_000,
    /** The most days that an invitation is valid. */
    days: 365,
  },
  /** Senders that one user may block. */
  blocks: 1_000,
  /** How long a registration may hold a name before it has used its invitation. Longer than any request takes. */
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
    /** For a username, from one address: an IPv4 address or a /64 of IPv6. */
    failuresPerAddress: 10,
    /** For a username, from all addresses. A known address is not refused. */
    failuresPerUsername: 100,
    /** In a user's own sessions, when they have to repeat the password. */
    failuresPerUser: 10,
    /** How long an address is known after a login from it has succeeded. */
    known: 30 * DAY,
  },
  /*
   * The rates of a user: requests at once (`burst`), and per second after that. A running function takes `lease` of
   * them out of the user's bucket at a time, see `user-limit.ts`. Bursts and rates can be set, see `config.ts`.
   */
  /** Messages. */
  send: { burst: 1_000, perSecond: 50, lease: 50 },
  /** Syncs. One that reads more than `syncBytes` counts as several. */
  sync: { burst: 5_000, perSecond: 100, lease: 250 },
  /** Replays: batches that are handed out again because their `ack` is shown again. */
  replay: { burst: 50, perSecond: 1, lease: 5 },
  /** Requests of all other routes. */
  call: { burst: 200, perSecond: 10, lease: 20 },
  /** How much a sync may read of its channel and still count as one. */
  syncBytes: 65_536,
  /** The clocks of two running functions differ by less. A time that is further ahead comes from a wrong clock. */
  clocksApart: CLOCKS_APART,
  userLimit: {
    leaseTime: MINUTE,
    /** How long a full bucket is kept. */
    bucketKept: DAY,
    /** How long the answer to a request may wait for a renewal ahead of the next one. */
    renewTime: 300,
    /** How many users' leases a running function remembers. */
    leasesKept: 10_000,
  },
  /**
   * Requests without a valid token that one running function answers for one address (an IPv4 address or a /64 of
   * IPv6): at once, and per second after that. A login or a registration counts as `hash` requests, since it hashes a
   * password. A frame of a WebSocket that has not authenticated counts as `frame` requests: the connection comes and
   * goes with it.
   *
   * That is 300 logins at once and 2 per second in each function. If a single function serves a school of a thousand
   * behind one address, all can log in within 10 minutes, and a login holds for 30 days.
   */
  address: { burst: 3_000, perSecond: 20, hash: 10, frame: 10, kept: 10_000 },
  /**
   * Repeats of a deletion by tokens whose session has ended, for one user in one running function. Only a deletion that was
   * interrupted needs one.
   */
  deletionRepeats: { burst: 10, perSecond: 1 / 60, kept: 10_000 },
  /** The same for repeats of a logout. */
  logoutRepeats: { burst: 10, perSecond: 1 / 60, kept: 10_000 },
  /** How many tokens that it has decrypted a running function remembers for each key: half a kilobyte each. */
  openedTokens: 2_000,
  /** How many ended sessions a running function remembers. */
  goneSessions: 10_000,
  channel: {
    /** How many messages may wait on one channel. Set by CHANNEL_MESSAGES. */
    messages: 10_000,
    /**
     * How many bytes they may have on average, in the table. Counting more would take longer than a request may, and
     * would slow the receiver's reads: DynamoDB reads 24 MB of a partition per second.
     */
    averageBytes: 3_355,
    /** How long a channel counts as full before it is counted again. */
    recount: 30 * SECOND,
    /** The same where nobody has fetched anything since. Only retention makes room there. */
    recountUnread: 60 * MINUTE,
    /** How long a send may wait for a count. */
    countTime: 3 * SECOND,
  },
  /**
   * Rounds of read and conditional write before a sync gives up, and is answered 503. Each lost round means that another
   * sync won it, and costs as much as a sync.
   */
  syncAttempts: 8,
  /** How long the answer to a sync may wait until settled messages are deleted. A later sync deletes the rest. */
  sweepTime: 1 * SECOND,
  /** After this a request is answered 503. Lambda's timeout is longer, so the client gets goTalk's own answer. */
  requestTime: REQUEST_TIME,
  live: {
    /** How long a connection may take to authenticate. After that any of its frames closes it. */
    proofTime: 10 * SECOND,
    /** How many authenticated connections a running function remembers. */
    provenKept: 10_000,
    /**
     * Frames that one running function answers for one connection: at once, and per second after that. A client
     * authenticates once, pings every 5 minutes, and says every 4 seconds that its user is typing. A connection that sends
     * more is closed.
     */
    frames: { burst: 30, perSecond: 0.5, kept: 10_000 },
    /** Frames that say that a user is typing, in one running function. Further ones are dropped. */
    typing: {
      /** Of one user in one conversation: one in 3 seconds. */
      conversation: { burst: 1, perSecond: 1 / 3, kept: 10_000 },
      /** Of one user in all conversations, on all connections. */
      user: { burst: 5, perSecond: 1, kept: 10_000 },
      /** To the connections of one user. At once at least as many as a user may have connections. */
      told: { burst: 100, perSecond: 10, kept: 10_000 },
      /** Members of a group, the typist included. In larger groups nobody is told. */
      members: LARGEST_GROUP,
      /** How long a running function may take for one. */
      time: 1 * SECOND,
    },
    /** How often one running function authenticates one user, on all connections. Each connection is stored. */
    proofs: { burst: 100, perSecond: 1, kept: 10_000 },
    /**
     * How often one running function reads the channel of one user for pings, on all connections. A client pings every
     * 5 minutes.
     */
    checks: { burst: 50, perSecond: 1, kept: 10_000 },
    /**
     * Settled messages that their senders have put back, and that such a read passes over. If there are more, they
     * count as waiting.
     */
    settledSkipped: 16,
    /** How long the answer to a ping may wait for that read. Clients wait 10 s. */
    checkTime: 2 * SECOND,
    /** How long a connection is stored: a little longer than API Gateway keeps it open, which is 2 hours. */
    kept: 130 * MINUTE,
    /**
     * How much further than that the user's profile says that there may be connections: those that one running function stores
     * meanwhile need no further note.
     */
    connectedAhead: 10 * MINUTE,
    /** Connections of one user that are woken. If there are more, the oldest are not. */
    connections: 50,
    /**
     * Connections of one receiver that one running function wakes for a message beside the first one of each device: at once,
     * and a second after that. Past it a message wakes one connection of each device.
     */
    furtherWakes: { burst: 200, perSecond: 5, kept: 10_000 },
    /** How long the answer to a send may wait, in total, until the receiver's connections are woken. */
    wakeTime: 300,
    /**
     * The same for the first wake of a process, which has to connect with TLS on a part of a processor, and for a wake
     * after `wakePause` without any, when the connection may be dead.
     */
    firstWakeTime: 1 * SECOND,
    wakePause: 5 * SECOND,
    /** Of the client that writes to connections and closes them. Two attempts fit into `firstWakeTime`. */
    gateway: { connectTime: 400, attemptTime: 400, attempts: 2 },
    /**
     * Of a frame that bears a message. API Gateway's frames have 32 KB at most, and it bills each 32 KB. JSON writes a
     * control character in six bytes, so the longest texts may have no such frame.
     */
    previewBytes: 32_000,
    /** How long a request that ends sessions may wait until their connections are closed. */
    hangUpTime: 1 * SECOND,
  },
  push: {
    /** Of the URL that a push service gives a browser, in characters. */
    endpointCharacters: 1_024,
    /** Muted conversations of one subscription. With all of them the session's record stays below 4 KB. */
    muted: 200,
    /** Names that a message to a group mentions. Those behind them are told nothing of it in a muted group. */
    mentions: 50,
    /** Of a text that is shown in a notification. */
    textCharacters: 200,
    /** Of what is encrypted to a browser. A push service need not take more than 4,096 with the encryption. */
    contentBytes: 3_900,
    /** How long a push service keeps a notification for a browser that is out of reach, in seconds. */
    timeToLive: 86_400,
    /** Pushes to one device that one running `send` hands over: at once, and per second after that. Further ones are left out. */
    ofDevice: { burst: 60, perSecond: 0.5, kept: 10_000 },
    /** How long the answer to a send may wait until a push is handed to the network. */
    handOverTime: 500,
    /** Devices that are pushed to at the same time. */
    atOnce: 20,
    /** For one call of a push service, from the look-up of its name on. */
    callTime: 5 * SECOND,
    /** When a push that was put off is tried again, at the earliest. It doubles with each try. A push service may name a later time. */
    retryAfter: MINUTE,
    /** How long after its message a push may be tried at all: six times at most, after 1, 3, 7, 15 and 31 minutes. */
    retryFor: 60 * MINUTE,
    /** For the look-up of an endpoint's host, when it is registered. */
    lookUpTime: 3 * SECOND,
  },
  database: {
    connectTime: 500,
    /** For one attempt. DynamoDB answers single items in a few milliseconds. */
    attemptTime: 1_000,
    attempts: 3,
    /** Rounds for items that a batch command left unprocessed. */
    batchRounds: 6,
  },
} as const;
