import fc from "fast-check";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { type Fault, TROUBLES } from "../scenario.ts";
import {
  type Act,
  type BeforeStep,
  CALM,
  type CallPlan,
  type ClientPlan,
  type DeviceBounds,
  type DevicePlan,
  type LoginKind,
  type TimeStep,
  type WorldStep,
} from "./plan.ts";

/** Most calls are over after ten commands; a login that finishes what others have begun takes twice as many. */
const command = fc.oneof(
  { weight: 4, arbitrary: fc.nat(9) },
  { weight: 1, arbitrary: fc.integer({ min: 10, max: 25 }) },
);

const faults: fc.Arbitrary<Fault[]> = fc.oneof(
  { weight: 7, arbitrary: fc.constant<Fault[]>([]) },
  {
    weight: 3,
    arbitrary: fc.array(fc.record({ command, trouble: fc.constantFrom(...TROUBLES) }), { minLength: 1, maxLength: 2 }),
  },
);

/** The clocks of two functions differ by less than this. */
const ahead = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constant(LIMITS.clocksApart - 1) },
  { weight: 1, arbitrary: fc.nat(LIMITS.clocksApart - 1) },
);

export const call: fc.Arbitrary<CallPlan> = fc.record({
  faults,
  ahead,
  isStale: fc.boolean(),
  isLost: fc.nat(5).map((dice) => dice === 0),
});

export const tries = fc.array(call, { minLength: 1, maxLength: 3 });

export const logIn = (...kinds: LoginKind[]): fc.Arbitrary<Act> =>
  fc.record({ kind: fc.constant("logIn" as const), by: fc.constantFrom(...kinds), tries });

export const sync: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant("sync" as const),
  hasAck: fc.nat(7).map((dice) => dice > 0),
  limit: fc.integer({ min: 1, max: 3 }),
  isSaved: fc.nat(4).map((dice) => dice > 0),
  call,
});

export const send: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant("send" as const),
  message: fc.nat(3),
  to: fc.nat(2),
  tries,
});

export const removal: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant("remove" as const),
  which: fc.nat(3),
  how: fc.constantFrom("device" as const, "device" as const, "session" as const),
  tries,
});

const USERS = 2;

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 2, arbitrary: logIn("name", "known", "known or name", "known or name", "nothing", "replace") },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("makeDevice" as const), tries }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("logOut" as const), tries }) },
  { weight: 2, arbitrary: removal },
  { weight: 4, arbitrary: send },
  { weight: 4, arbitrary: sync },
);

const client: fc.Arbitrary<ClientPlan> = fc.record({
  user: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
  acts: fc
    .tuple(logIn("name", "name", "known or name", "nothing"), fc.array(act, { minLength: 1, maxLength: 7 }))
    .map(([first, rest]) => [first, ...rest]),
});

const calmLogIn = (by: LoginKind): Act => ({ kind: "logIn", by, tries: [CALM] });

const calmAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<LoginKind>("name", "name", "nothing").map(calmLogIn) },
  { weight: 1, arbitrary: fc.constant<Act>({ kind: "logOut", tries: [CALM] }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 4, max: 6 }), fc.nat(1))
      .map(([message, to]): Act => ({ kind: "send", message, to, tries: [CALM] })),
  },
);

const time = (...steps: TimeStep[]): fc.Arbitrary<WorldStep> => fc.record({ time: fc.constantFrom(...steps) });

const world: fc.Arbitrary<WorldStep> = fc.oneof(
  { weight: 2, arbitrary: time("moment") },
  { weight: 6, arbitrary: time("while", "minute", "minute") },
  { weight: 1, arbitrary: time("day", "month") },
  { weight: 2, arbitrary: fc.record({ full: fc.record({ user: fc.nat(USERS - 1), which: fc.nat(3) }) }) },
);

const bounds: fc.Arbitrary<DeviceBounds> = fc.constantFrom(
  { most: 10, mostWithEnding: 20, handOverMessages: 100 },
  { most: 10, mostWithEnding: 20, handOverMessages: 2 },
  { most: 2, mostWithEnding: 4, handOverMessages: 3 },
);

/**
 * Where each command waits for its turn, a call is seldom far ahead of all others. Some races need two calls that pass each other by
 * ten commands, twice.
 */
export const bursts: fc.Arbitrary<number[]> = fc.array(fc.oneof(fc.nat(2), fc.nat(20)), { minLength: 1, maxLength: 8 });

/** Other races need calls that take turns with each command. */
export const seldomBursts: fc.Arbitrary<number[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<number[]>([]) },
  { weight: 1, arbitrary: bursts },
);

const anything: fc.Arbitrary<DevicePlan> = fc.record({
  users: fc.array(fc.constantFrom("new" as const, "new" as const, "old" as const), {
    minLength: USERS,
    maxLength: USERS,
  }),
  before: fc.array(fc.record({ client: fc.nat(3), act: calmAct, rest: fc.boolean() }), { maxLength: 6 }),
  clients: fc.array(client, { minLength: 2, maxLength: 4 }),
  world: fc.array(world, { maxLength: 6 }),
  bursts: seldomBursts,
  bounds,
});

/** What clients do without any trouble when devices are about to go. */
const calmGoing: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Act>({ kind: "logOut", tries: [CALM] }) },
  { weight: 2, arbitrary: fc.constant<Act>({ kind: "makeDevice", tries: [CALM] }) },
  {
    weight: 1,
    arbitrary: fc.nat(3).map((which): Act => ({ kind: "remove", which, how: "device", tries: [CALM] })),
  },
  { weight: 1, arbitrary: fc.constantFrom<LoginKind>("name", "nothing").map(calmLogIn) },
);

/** What devices do that are about to go. */
const lastActs: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("logOut" as const), tries }) },
    { weight: 3, arbitrary: removal },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("makeDevice" as const), tries }) },
    { weight: 1, arbitrary: logIn("name", "known or name", "nothing") },
    { weight: 1, arbitrary: send },
    { weight: 2, arbitrary: sync },
  ),
  { minLength: 1, maxLength: 4 },
);

interface ThreeDevices {
  /** How the later two log in. */
  readonly by: readonly LoginKind[];
  /** A minute passes after each of them. */
  readonly rest: boolean;
  /** How far the clock is ahead of the function that logs the first one in. Then the others come before that clock's time. */
  readonly ahead: number;
}

/** Three devices, and a message that waits on the oldest of them alone: chance alone seldom brings that together. */
const threeDevices = ({ by: [second = "name", third = "name"], rest, ahead }: ThreeDevices): BeforeStep[] => [
  { client: 0, act: { kind: "logIn", by: "name", tries: [{ ...CALM, ahead }] }, rest: ahead === 0 },
  { client: 3, act: calmLogIn("name"), rest: false },
  { client: 3, act: { kind: "send", message: 9, to: 0, tries: [CALM] }, rest: ahead === 0 },
  { client: 1, act: calmLogIn(second), rest },
  { client: 2, act: calmLogIn(third), rest },
];

/** The owners of {@link threeDevices}, and a client of another user. */
const asClients = (all: readonly (readonly Act[])[]): ClientPlan[] =>
  all.map((acts, at) => ({ user: at === 3 ? 1 : 0, acts }));

/** Three devices, all of which are about to go. */
const earlier: fc.Arbitrary<DevicePlan> = fc
  .record({
    by: fc.array(fc.constantFrom<LoginKind>("name", "name", "nothing"), { minLength: 2, maxLength: 2 }),
    rest: fc.boolean(),
    ahead: fc.nat(3).map((dice) => (dice === 0 ? LIMITS.clocksApart - 1 : 0)),
    going: fc.array(fc.record({ client: fc.nat(2), act: calmGoing, rest: fc.boolean() }), { maxLength: 4 }),
  })
  .chain(({ going, ...three }) =>
    fc.record({
      users: fc.constant(["new", "new"] as const),
      before: fc.constant([...threeDevices(three), ...going]),
      clients: fc.tuple(lastActs, lastActs, lastActs, lastActs).map(asClients),
      world: fc.array(world, { maxLength: 4 }),
      bursts: seldomBursts,
      bounds,
    }),
  );

const goes: fc.Arbitrary<Act[]> = fc
  .record({ kind: fc.constant("logOut" as const), tries: fc.tuple(call) })
  .map((logOut) => [logOut]);

/** Of three devices that have settled two go at the same time, and nothing else happens. */
const together: fc.Arbitrary<DevicePlan> = fc.record({
  users: fc.constant(["new", "new"] as const),
  before: fc.constant(threeDevices({ by: [], rest: true, ahead: 0 })),
  clients: fc.tuple(goes, goes, fc.constant([]), fc.constant([])).map(asClients),
  world: fc.constant([]),
  bursts,
  bounds,
});

/** Of a user's only device: what it does when another one comes. */
const leaving: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("logOut" as const), tries }) },
    { weight: 1, arbitrary: removal },
    { weight: 1, arbitrary: sync },
  ),
  { minLength: 1, maxLength: 2 },
);

/** A device leaves, another one comes, and messages are under way that were sent before it came. */
const newcomer: fc.Arbitrary<DevicePlan> = fc.record({
  users: fc.constant(["new", "new"] as const),
  before: fc.constant([
    { client: 0, act: calmLogIn("name"), rest: true },
    { client: 2, act: calmLogIn("name"), rest: true },
  ] satisfies BeforeStep[]),
  clients: fc
    .tuple(leaving, logIn("name"), fc.array(removal, { maxLength: 1 }), fc.array(send, { minLength: 1, maxLength: 3 }))
    .map(([going, coming, removals, sends]) => [
      { user: 0, acts: going },
      { user: 0, acts: [coming, ...removals] },
      { user: 1, acts: sends },
    ]),
  world: fc.array(world, { maxLength: 4 }),
  bursts,
  bounds,
});

/** All that may happen to users and their devices. */
export const devicePlans: fc.Arbitrary<DevicePlan> = fc.oneof(
  { weight: 5, arbitrary: anything },
  { weight: 5, arbitrary: earlier },
  { weight: 1, arbitrary: newcomer },
  { weight: 1, arbitrary: together },
);
