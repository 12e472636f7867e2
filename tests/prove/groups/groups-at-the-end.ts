import { isDeepStrictEqual } from "node:util";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { type Group, idsOfMembers, memberOf, viewOf } from "../../../lib/groups/group.ts";
import type { GoTalkError } from "../../../lib/runtime/errors.ts";
import type { User } from "../devices/client.ts";
import type { DeviceWorld } from "../devices/device-world.ts";
import { CALM } from "../devices/plan.ts";

/** Nobody begins anything any more. Deletions that were interrupted are finished, all look at their groups, and all see the same. */
export async function lookAtGroups(world: DeviceWorld, users: readonly User[]): Promise<void> {
  const { groups, ledger } = world;
  world.note("the end of the groups");
  world.pass(LIMITS.devices.heirKept);
  for (const user of users.filter(({ userId }) => groups.isClosing(userId))) {
    // No other change may be made before those that were made a moment ago are told, where so many are untold.
    world.pass(LIMITS.groups.tellAfter);
    const outcome = await world.call("the end deletes", CALM, ({ deleteAccount }) => deleteAccount(user));
    ledger.check(outcome.kind === "answered", `REST: ${user.username} cannot be deleted`);
  }
  // Who looks first may take a deleted member out, which is told by the next one at the latest.
  for (const groupId of groups.groupIds) {
    await lookAll(world, groupId, users);
    world.pass(LIMITS.groups.tellAfter);
    await lookAll(world, groupId, users);
    for (const user of users) await compare(world, groupId, user);
  }
  world.pass(LIMITS.groups.noteLead + LIMITS.clocksApart);
  for (const user of users) await compareLists(world, user);
  groups.expectEvents();
}

async function lookAll(world: DeviceWorld, groupId: string, users: readonly User[]): Promise<void> {
  for (const user of users) await world.call("the end looks", CALM, ({ look }) => look(user).group(groupId));
}

async function compare(world: DeviceWorld, groupId: string, user: User): Promise<void> {
  const { groups, ledger } = world;
  const stored = groups.stored(groupId) as Group;
  const outcome = await world.call("the end compares", CALM, ({ look }) => look(user).group(groupId));
  const isMember = memberOf(stored, user.userId) !== undefined;
  if (isMember) {
    const isSame = outcome.kind === "answered" && isDeepStrictEqual(outcome.value, viewOf(stored));
    ledger.check(isSame, `STATE: ${user.username} does not see ${groupId} as it is`);
    ledger.check(!groups.isClosing(user.userId), `STATE: ${user.username} is deleted, and is in ${groupId}`);
  } else {
    const isHidden = outcome.kind === "failed" && (outcome.error as GoTalkError).code === "unknown_group";
    ledger.check(isHidden, `STATE: ${user.username} sees ${groupId}, and is not in it`);
  }
}

async function compareLists(world: DeviceWorld, user: User): Promise<void> {
  const { groups, ledger } = world;
  const outcome = await world.call("the end lists", CALM, ({ look }) => look(user).list());
  const listed = outcome.kind === "answered" ? outcome.value : [];
  const own = groups.groupsOf(user.userId).map((group) => ({
    groupId: group.groupId,
    name: group.name,
    version: group.version,
    memberCount: idsOfMembers(group).length,
    admin: memberOf(group, user.userId)?.admin ?? false,
  }));
  const byId = <T extends { readonly groupId: string }>(all: readonly T[]): T[] =>
    all.toSorted((one, other) => (one.groupId < other.groupId ? -1 : 1));
  const isSame = isDeepStrictEqual(byId(listed), byId(own));
  ledger.check(isSame, `STATE: ${user.username} lists ${JSON.stringify(listed)}, and is in ${JSON.stringify(own)}`);
}
