import fc from "fast-check";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { type Act, CALM, type CallPlan, type LoginKind, type TimeStep } from "../devices/plan.ts";
import { call, logIn, removal, seldomBursts, send, bursts as someBursts, sync, tries } from "../devices/plans.ts";
import type { CalmStep, GroupAct, GroupBounds, GroupPlan, MemberPlan } from "./group-plan.ts";

const USERS = 4;

const kind = <K extends GroupAct["kind"]>(name: K) => fc.constant(name);

const user = fc.nat(USERS - 1);

/** Mostly the first user's. */
const group = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(USERS - 1) });

const admin = fc.constantFrom(undefined, undefined, true, false);

const write = (how: fc.Arbitrary<CallPlan[]>): fc.Arbitrary<GroupAct> =>
  fc.record({ kind: kind("write"), message: fc.nat(3), group, tries: how });

/** What changes a group. */
const changes = (how: fc.Arbitrary<CallPlan[]>): fc.Arbitrary<GroupAct> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: kind("put"), user, admin, group, tries: how }) },
    { weight: 4, arbitrary: fc.record({ kind: kind("take"), user, group, tries: how }) },
    { weight: 2, arbitrary: fc.record({ kind: kind("leave"), group, tries: how }) },
    { weight: 1, arbitrary: fc.record({ kind: kind("rename"), name: fc.nat(2), group, tries: how }) },
    { weight: 2, arbitrary: fc.record({ kind: kind("join"), back: fc.nat(2), group, tries: how }) },
    { weight: 1, arbitrary: fc.record({ kind: kind("invite"), group, tries: how }) },
  );

const seldom: fc.Arbitrary<GroupAct> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind("make"), members: fc.array(user, { maxLength: 3 }), tries }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("show"), group, tries }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("list"), tries }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("block"), user, tries }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("deleteAccount"), tries }) },
);

const anyLogIn = logIn("name", "known", "known or name", "known or name", "nothing", "replace");

const act: fc.Arbitrary<Act | GroupAct> = fc.oneof(
  { weight: 6, arbitrary: write(tries) },
  { weight: 7, arbitrary: changes(tries) },
  { weight: 2, arbitrary: seldom },
  { weight: 1, arbitrary: anyLogIn },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("logOut" as const), tries }) },
  { weight: 1, arbitrary: removal },
  { weight: 1, arbitrary: send },
  { weight: 3, arbitrary: sync },
);

const acts = (most: number) => fc.array(act, { minLength: 1, maxLength: most });

const calmly = (by: LoginKind): Act => ({ kind: "logIn", by, tries: [CALM] });

/** A client of each user, and second ones of the first two. */
const OWNERS = [0, 1, 2, 3, 0, 1];

const loggedIn = (...kinds: LoginKind[]): CalmStep[] => kinds.map((by, client) => ({ client, act: calmly(by) }));

const calm = (client: number, one: GroupAct): CalmStep => ({ client, act: one });

interface FirstGroup {
  readonly members: readonly number[];
  readonly admins: readonly number[];
  readonly hasCode: boolean;
  /** The last user has blocked the first one. */
  readonly isBlocked: boolean;
}

/** All have logged in, and the first one has made a group. */
const withGroup = ({ members, admins, hasCode, isBlocked }: FirstGroup, logins: readonly LoginKind[]): CalmStep[] => [
  ...loggedIn(...logins),
  calm(0, { kind: "make", members, tries: [CALM] }),
  ...admins
    .filter((one) => members.includes(one))
    .map((one) => calm(0, { kind: "put", user: one, admin: true, group: 0, tries: [CALM] })),
  ...(hasCode ? [calm(0, { kind: "invite", group: 0, tries: [CALM] })] : []),
  ...(isBlocked ? [calm(USERS - 1, { kind: "block", user: 0, tries: [CALM] })] : []),
];

const firstGroup: fc.Arbitrary<FirstGroup> = fc.record({
  members: fc.constantFrom([1], [1, 2], [1, 2], [1, 2, 3]),
  admins: fc.constantFrom([], [1], [1], [1, 2]),
  hasCode: fc.boolean(),
  isBlocked: fc.nat(3).map((dice) => dice === 0),
});

const logins: fc.Arbitrary<LoginKind[]> = fc
  .tuple(...OWNERS.map(() => fc.constantFrom<LoginKind>("name", "name", "name", "nothing")))
  .map((all) => [...all]);

const time = (...steps: TimeStep[]) => fc.record({ time: fc.constantFrom(...steps) });

const world: fc.Arbitrary<GroupPlan["world"][number]> = fc.oneof(
  { weight: 3, arbitrary: time("moment") },
  { weight: 5, arbitrary: time("while", "while", "minute") },
  { weight: 1, arbitrary: time("day", "month") },
  { weight: 2, arbitrary: fc.record({ full: fc.record({ user, which: fc.nat(2) }) }) },
);

const worldOf = (most: number) => fc.array(world, { maxLength: most });

const DEVICES = { most: 10, mostWithEnding: 20, handOverMessages: 100 };

const bounds: fc.Arbitrary<GroupBounds> = fc.constantFrom(
  { devices: DEVICES, groups: { members: LIMITS.groups.members, untold: LIMITS.groups.untold } },
  { devices: DEVICES, groups: { members: 3, untold: 2 } },
  { devices: { ...DEVICES, handOverMessages: 2 }, groups: { members: 4, untold: 1 } },
);

const asMembers = (all: readonly (readonly (Act | GroupAct)[])[]): MemberPlan[] =>
  all.map((one, at) => ({ user: OWNERS[at] ?? 0, acts: one }));

const forEach = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.tuple(...OWNERS.map(() => one)).map((all) => [...all]);

/** Everything at once. */
const anything: fc.Arbitrary<GroupPlan> = fc.record({
  users: fc.constant(USERS),
  before: fc.tuple(firstGroup, logins).map(([first, kinds]) => withGroup(first, kinds)),
  clients: forEach(acts(5)).map(asMembers),
  world: worldOf(5),
  bursts: seldomBursts,
  bounds,
});

/** It meets other calls, and no trouble but that its answer may be lost. */
const untroubled: fc.Arbitrary<CallPlan[]> = fc.array(
  fc.record({
    faults: fc.constant([]),
    ahead: fc.constant(0),
    isStale: fc.boolean(),
    isLost: fc.nat(5).map((dice) => dice === 0),
  }),
  { minLength: 1, maxLength: 2 },
);

/** Members change while messages are on their way, and nothing else. */
const race: fc.Arbitrary<GroupPlan> = fc.record({
  users: fc.constant(USERS),
  before: firstGroup.map((first) => withGroup(first, ["name", "name", "name", "name", "name", "nothing"])),
  clients: forEach(
    fc.array(fc.oneof({ weight: 3, arbitrary: changes(untroubled) }, { weight: 2, arbitrary: write(untroubled) }), {
      maxLength: 2,
    }),
  ).map(asMembers),
  world: worldOf(1),
  bursts: someBursts,
  bounds,
});

const once: fc.Arbitrary<CallPlan[]> = fc.tuple(call).map((all) => [...all]);

/** A function dies in a change, or its answers are lost, and nobody repeats it. Later others do something with the group. */
const broken: fc.Arbitrary<GroupPlan> = fc.record({
  users: fc.constant(USERS),
  before: firstGroup.map((first) => withGroup(first, ["name", "name", "name", "name", "name"])),
  clients: fc
    .tuple(
      fc.array(changes(once), { minLength: 1, maxLength: 3 }),
      fc.array(changes(once), { maxLength: 2 }),
      fc.array(write(tries), { maxLength: 2 }),
      fc.array(changes(tries), { maxLength: 1 }),
      fc.array(fc.oneof(write(untroubled), sync), { maxLength: 2 }),
    )
    .map(asMembers),
  world: fc.array(fc.oneof({ weight: 2, arbitrary: time("while") }, { weight: 1, arbitrary: world }), {
    minLength: 1,
    maxLength: 4,
  }),
  bursts: seldomBursts,
  bounds,
});

/** Devices come and go while messages to a group are on their way. */
const going: fc.Arbitrary<GroupPlan> = fc.record({
  users: fc.constant(USERS),
  before: fc.tuple(firstGroup, logins).map(([first, kinds]) => withGroup(first, kinds)),
  clients: fc
    .tuple(
      fc.array(fc.oneof(write(tries), changes(untroubled)), { minLength: 1, maxLength: 3 }),
      fc.array(fc.oneof(write(tries), sync), { maxLength: 2 }),
      fc.array(write(tries), { maxLength: 2 }),
      fc.array(fc.oneof(changes(tries), sync), { maxLength: 2 }),
      fc.array(fc.oneof(removal, fc.record({ kind: fc.constant("logOut" as const), tries }), anyLogIn), {
        maxLength: 3,
      }),
      fc.array(fc.oneof(removal, fc.record({ kind: fc.constant("logOut" as const), tries }), anyLogIn), {
        maxLength: 3,
      }),
    )
    .map(asMembers),
  world: worldOf(4),
  bursts: seldomBursts,
  bounds,
});

const toFirst = { group: fc.constant(0), tries: untroubled };

/** Codes are made anew, and used, while others change the group. */
const doors: fc.Arbitrary<GroupPlan> = fc.record({
  users: fc.constant(USERS),
  before: fc
    .boolean()
    .map((hasCode) =>
      withGroup({ members: [1, 2], admins: [1], hasCode, isBlocked: false }, ["name", "name", "name", "name"]),
    ),
  clients: fc
    .tuple(
      fc.tuple(fc.record({ kind: kind("invite"), ...toFirst })),
      fc.array(changes(untroubled), { maxLength: 2 }),
      fc.array(fc.oneof(changes(untroubled), write(untroubled)), { maxLength: 1 }),
      fc.array(fc.record({ kind: kind("join"), back: fc.nat(1), ...toFirst }), { minLength: 1, maxLength: 2 }),
    )
    .map(asMembers),
  world: fc.constant([]),
  bursts: someBursts,
  bounds,
});

/** All that may happen to groups, their members and the members' devices. */
export const groupPlans: fc.Arbitrary<GroupPlan> = fc.oneof(
  { weight: 4, arbitrary: anything },
  { weight: 2, arbitrary: race },
  { weight: 2, arbitrary: broken },
  { weight: 2, arbitrary: going },
  { weight: 1, arbitrary: doors },
);
