const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Every bound of the system, in one place. Times are in milliseconds, sizes in bytes unless the name says otherwise. */
export const LIMITS = {
  username: { minCharacters: 3, maxCharacters: 32 },
  password: { minCharacters: 8, maxCharacters: 128 },
  /** Of the UTF-8 form. 100 such messages stay below Lambda's response limit of 6 MB, even when JSON escapes them. */
  contentBytes: 16_384,
  /** Of the request as it came, before it is parsed. */
  bodyBytes: 65_536,
  ackCharacters: 64,
  /** Messages that one sync hands out, at most and by default. */
  batchMessages: 100,
  /**
   * Content that one sync hands out, unless a single message is larger. A page of DynamoDB ends at 1 MB; two batches fit
   * in it, so that the sync which settles a batch sees the next one.
   */
  batchBytes: 400_000,
  /** How long an undelivered message is kept. */
  retention: 30 * DAY,
  /** How long a batch belongs to the client that took it. */
  lease: 30 * SECOND,
  session: 30 * DAY,
  /** Settled messages that the head remembers at least, and at most (the head stays below 8 KB). */
  settledKept: 40,
  settledMost: 256,
  login: {
    window: 15 * MINUTE,
    failuresPerAddress: 10,
    failuresPerUsername: 100,
  },
  /** Rounds of read and conditional write before a sync gives up. Each lost round means that another sync won it. */
  syncAttempts: 20,
  /** After this a request is answered 503. It ends before Lambda's timeout, so that the client gets an answer of ours. */
  requestTime: 6 * SECOND,
  database: {
    connectTime: 500,
    /** For one attempt. DynamoDB answers single items in a few milliseconds. */
    attemptTime: 1_000,
    attempts: 3,
    /** Rounds for what a batch command left unprocessed. */
    batchRounds: 6,
  },
} as const;
