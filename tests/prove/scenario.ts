import fc from "fast-check";

/** What goes wrong with one command on its way to the database and back. */
export const TROUBLES = [
  /** The database refuses it for its load. */
  "throttled",
  /** It never reaches the database; the caller sees a timeout. */
  "unsent",
  /** It applies, and the caller sees a timeout. */
  "unanswered",
  /** It applies, its answer is lost, and the SDK sends it a second time: the caller sees the second answer. */
  "repeated",
  /** The caller sees a timeout, and it applies some time later. */
  "late",
  /** Its answer takes a while. */
  "slow",
  /** A batch command is carried out by half. Any other is throttled. */
  "partial",
  /** The function dies before it sends it. */
  "crash",
  /** The function dies before it sees the answer. */
  "crashAfter",
  /** The leases of all batches run out before it reaches the database. */
  "lapse",
  /** The clock steps back by a lease before it reaches the database. */
  "setBack",
  /** The client gives up waiting and goes on to its next step, while the function carries on. */
  "givenUp",
] as const;

export type Trouble = (typeof TROUBLES)[number];

/** Trouble with the `command`th command of a step, counted from 0. */
export interface Fault {
  readonly command: number;
  readonly trouble: Trouble;
}

/** Names a message. Two with the same `time` and `tail`, and different senders, have the same message id. */
export interface MessageKey {
  readonly time: number;
  /** Behind the part of a message id that a fingerprint keeps. */
  readonly tail: number;
  readonly sender: number;
}

export interface SendStep {
  readonly message: MessageKey;
  readonly faults: readonly Fault[];
}

/**
 * `lost`: it does not reach the client. `processed`: the client processes the batch, and dies before it saves the receipt.
 * `saved`: it has both.
 */
type ResponseFate = "lost" | "processed" | "saved";

export interface SyncStep {
  /** `false`: goTalk's own two parameters. */
  readonly ack: boolean;
  readonly limit: number;
  readonly response: ResponseFate;
  readonly faults: readonly Fault[];
  /** The session ends before the sync asks for the so-manieth time whether it may write, counted from 0. */
  readonly endsBefore?: number | undefined;
}

/** Many messages that come in one go, at or after `time`: they push others past the end of a page. */
export interface Flood {
  readonly time: number;
  readonly count: number;
  /** They are sent once more, some time later. Those that are settled by then come back, and fill a page with dead ones. */
  readonly again: boolean;
  /** Turns that pass before that, at least. */
  readonly pauses?: number | undefined;
}

/**
 * By how much of a lease the clock goes forward, or that it steps back by one. By a leap it goes, or steps back, by more than
 * an hour: past the times of all ids, or before them.
 */
export type ClockStep = "half" | "whole" | "back" | "leap" | "leapBack";

export interface Bounds {
  /** With a small memory the head forgets soon. */
  readonly settledKept: number;
  readonly settledMost: number;
  /** Without it a few dead messages fill a page. */
  readonly pageSlack: number;
}

/** What the actors of one run want to do. In which order it happens is the scheduler's. */
export interface Scenario {
  /** Bounds of the system that are small here, so that a short run comes to what a long life comes to. */
  readonly bounds: Bounds;
  readonly senders: readonly (readonly SendStep[])[];
  readonly receivers: readonly (readonly SyncStep[])[];
  readonly floods: readonly Flood[];
  readonly clock: readonly ClockStep[];
  /** The clock begins a leap before the times of all ids: they are of the far future. */
  readonly early: boolean;
}

/** That of the system, and two that hold little more than a sync takes: the ledger reads off it what was settled. */
const MEMORIES = [
  { settledKept: 40, settledMost: 256 },
  { settledKept: 1, settledMost: 8 },
  { settledKept: 4, settledMost: 8 },
];
/** That of the system, and none. */
const SLACKS = [8, 0];

const TIMES = 6;
export const MOST_IN_FLOOD = 14;
const SENDERS = 2;

/** Most calls are over after five commands; those that are beaten by others, or only half served, go on. */
const number = fc.oneof({ weight: 5, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.integer({ min: 5, max: 9 }) });

/**
 * Troubles that chance alone seldom brings together: a first write of the head that arrives late, and a clock that a
 * sync finds past a lease before it and within the lease after it.
 */
const LATE_WRITE: Fault = { command: 1, trouble: "late" };
const TRAPS: readonly Fault[][] = [
  [LATE_WRITE],
  [{ command: 0, trouble: "lapse" }, LATE_WRITE, { command: 2, trouble: "setBack" }],
];

const faults = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fault[]>([]) },
  { weight: 1, arbitrary: fc.constantFrom(...TRAPS) },
  {
    weight: 4,
    arbitrary: fc.array(fc.record({ command: number, trouble: fc.constantFrom(...TROUBLES) }), {
      minLength: 1,
      maxLength: 2,
    }),
  },
);

/** Most sessions live on. */
const ended = fc.option(fc.nat(2), { freq: 9, nil: undefined });

const sendStep: fc.Arbitrary<SendStep> = fc.record({
  message: fc.record({ time: fc.nat(TIMES - 1), tail: fc.nat(1), sender: fc.nat(SENDERS - 1) }),
  faults,
});

/** Every message is sent once or twice; the second time much later, or at once. */
const senderSteps = fc
  .array(sendStep, { minLength: 1, maxLength: 3 })
  .chain((steps) => fc.subarray(steps).map((again) => [...steps, ...again]));

const syncStep = (ack: fc.Arbitrary<boolean>): fc.Arbitrary<SyncStep> =>
  fc.record({
    ack,
    limit: fc.integer({ min: 1, max: 3 }),
    response: fc.oneof(
      { weight: 6, arbitrary: fc.constant<ResponseFate>("saved") },
      { weight: 1, arbitrary: fc.constant<ResponseFate>("processed") },
      { weight: 1, arbitrary: fc.constant<ResponseFate>("lost") },
    ),
    faults,
    endsBefore: ended,
  });

const receiverSteps = fc.oneof(
  ...[fc.constant(true), fc.constant(false), fc.boolean()].map((ack) =>
    fc.array(syncStep(ack), { minLength: 1, maxLength: 5 }),
  ),
);

const bounds: fc.Arbitrary<Bounds> = fc
  .tuple(fc.constantFrom(...MEMORIES), fc.constantFrom(...SLACKS))
  .map(([memory, pageSlack]) => ({ ...memory, pageSlack }));

const anything: fc.Arbitrary<Scenario> = fc.record({
  bounds,
  senders: fc.array(senderSteps, { minLength: 1, maxLength: 2 }),
  receivers: fc.array(receiverSteps, { minLength: 1, maxLength: 3 }),
  floods: fc.array(
    fc.record({
      time: fc.nat(TIMES - 1),
      count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: MOST_IN_FLOOD })),
      again: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  clock: fc.array(fc.constantFrom<ClockStep[]>("half", "whole", "back", "leap", "leapBack"), { maxLength: 4 }),
  early: fc.boolean(),
});

const settlingStep = (limit: number, arbitrary: fc.Arbitrary<Fault[]>): fc.Arbitrary<SyncStep> =>
  fc.record({
    ack: fc.constant(false),
    limit: fc.constant(limit),
    response: fc.constant<ResponseFate>("saved"),
    faults: arbitrary,
    endsBefore: ended,
  });

/**
 * Syncs without `ack` whose writes arrive late, while settled messages come back before theirs and fill their pages, and
 * another client holds a batch by a clock that goes forward and back.
 */
const settling: fc.Arbitrary<Scenario> = fc.record({
  bounds: bounds.map((all) => ({ ...all, settledKept: 40, pageSlack: 0 })),
  senders: fc.tuple(
    fc.array(
      sendStep.map((step) => ({ ...step, message: { ...step.message, time: TIMES - 1 } })),
      { minLength: 1, maxLength: 3 },
    ),
  ),
  receivers: fc.tuple(
    fc
      .tuple(
        settlingStep(3, fc.constant([])),
        fc.array(settlingStep(1, fc.constantFrom(...TRAPS)), { minLength: 1, maxLength: 4 }),
      )
      .map(([first, rest]) => [first, ...rest]),
    fc.array(syncStep(fc.constant(true)), { minLength: 1, maxLength: 2 }),
  ),
  floods: fc.array(
    fc.record({ time: fc.constant(0), count: fc.integer({ min: 2, max: 3 }), again: fc.constant(true) }),
    { minLength: 1, maxLength: 2 },
  ),
  clock: fc.array(fc.constantFrom<ClockStep[]>("whole", "back"), { maxLength: 2 }),
  early: fc.constant(false),
});

/**
 * Messages with ids of the far future that are settled and forgotten, and are sent again once their time has come; or that
 * are settled by a clock that is ahead, and set back.
 */
const aging: fc.Arbitrary<Scenario> = fc.record({
  bounds: fc.constant({ settledKept: 1, settledMost: 8, pageSlack: 8 }),
  senders: fc.constant([]),
  receivers: fc.tuple(fc.array(settlingStep(3, fc.constant([])), { minLength: 4, maxLength: 6 })),
  floods: fc.array(
    fc.record({
      time: fc.nat(TIMES - 1),
      count: fc.integer({ min: 2, max: 5 }),
      again: fc.constant(true),
      pauses: fc.integer({ min: 4, max: 16 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  clock: fc.constantFrom<ClockStep[][]>(
    ["half", "half", "half", "half", "leap"],
    ["leap", "half", "half", "half", "half", "half", "leapBack", "half", "half", "half", "half", "half", "leap"],
  ),
  early: fc.constant(true),
});

/** All that may happen on one channel. */
export const scenarios: fc.Arbitrary<Scenario> = fc.oneof(
  { weight: 4, arbitrary: anything },
  { weight: 1, arbitrary: settling },
  { weight: 1, arbitrary: aging },
);
