import type { User } from "../channel/profiles.ts";
import type { GroupChange } from "../contract/groups.ts";
import { LIMITS } from "../contract/limits.ts";
import type { ProblemCode } from "../contract/problems.ts";
import { type Group, type GroupState, idsOfMembers, type Member, type Members, memberOf } from "./group.ts";

/*
 * What becomes of a group by a request. Each decision is made on the group as it was read, and is made again if another change
 * comes first: so of several requests at once each sees what the others have done, and all users see the state after
 * the last one. The same request on a group that it has changed already changes nothing.
 */

export type Refusal = Extract<
  ProblemCode,
  "unknown_group" | "not_an_admin" | "too_many_members" | "last_admin" | "invalid_invite"
>;

export type Decision =
  | {
      readonly kind: "changed";
      readonly state: GroupState;
      readonly change: GroupChange;
      /** As in `Untold`. */
      readonly also?: string;
    }
  | { readonly kind: "unchanged" }
  | { readonly kind: "refused"; readonly code: Refusal };

const UNCHANGED: Decision = { kind: "unchanged" };
const refused = (code: Refusal): Decision => ({ kind: "refused", code });

/** Why a user may not do what only admins may; `undefined` for an admin. */
function refusalOf(group: Group, actorId: string): Refusal | undefined {
  const actor = memberOf(group, actorId);
  if (actor === undefined) return "unknown_group";
  return actor.admin ? undefined : "not_an_admin";
}

/** The first state of a group. Its maker is admin. */
export const firstState = (name: string, maker: User, others: readonly User[]): GroupState => ({
  name,
  members: Object.fromEntries([
    ...others.map(({ id, username }) => [id, { username, since: 1 }]),
    [maker.id, { username: maker.username, since: 1, admin: true, joined: true }],
  ]),
});

export function decideRename(group: Group, actor: User, name: string): Decision {
  const refusal = refusalOf(group, actor.id);
  if (refusal !== undefined) return refused(refusal);
  if (group.name === name) return UNCHANGED;
  return changed(group, { name }, { event: "renamed", name, before: group.name });
}

/**
 * Adds a user, or makes a member admin or no longer admin.
 *
 * @param admin Whether the user is to be one; `undefined`: as before.
 */
export function decidePut(group: Group, actor: User, user: User, admin: boolean | undefined): Decision {
  const member = memberOf(group, user.id);
  // The repeat of a request in which an admin gave up being one.
  if (user.id === actor.id && admin === false && member !== undefined && !member.admin) return UNCHANGED;
  const refusal = refusalOf(group, actor.id);
  if (refusal !== undefined) return refused(refusal);
  if (member === undefined) {
    const isAdmin = admin ? { admin } : {};
    return withNew(group, user, isAdmin, { event: "added", member: named(user), ...isAdmin });
  }
  if (admin === undefined || admin === (member.admin ?? false)) return UNCHANGED;
  if (!admin && adminsOf(group.members).length === 1) return refused("last_admin");
  const members = { ...group.members, [user.id]: rankedAs(member, admin) };
  return changed(group, { members }, { event: "admin", member: { id: user.id, username: member.username }, admin });
}

/** @param inviteHash Of the code that the user has. */
export function decideJoin(group: Group, user: User, inviteHash: string): Decision {
  if (memberOf(group, user.id) !== undefined) return UNCHANGED;
  if (group.inviteHash !== inviteHash) return refused("invalid_invite");
  return withNew(group, user, { joined: true }, { event: "joined", member: named(user) });
}

/** Removing another member makes the invite code void. Otherwise the removed member would come back by it. */
export function decideRemove(group: Group, actor: User, userId: string): Decision {
  if (userId === actor.id) return decideLeave(group, userId);
  const refusal = refusalOf(group, actor.id);
  if (refusal !== undefined) return refused(refusal);
  const member = memberOf(group, userId);
  if (member === undefined) return UNCHANGED;
  const state = { members: without(group.members, userId), inviteHash: undefined };
  return changed(group, state, { event: "removed", member: { id: userId, username: member.username } }, userId);
}

/** Where the last admin leaves, the member who joined first becomes admin: of several that came at once, the first by the id. */
export function decideLeave(group: Group, userId: string): Decision {
  const member = memberOf(group, userId);
  if (member === undefined) return refused("unknown_group");
  const rest = without(group.members, userId);
  const heir = adminsOf(rest).length > 0 ? undefined : longest(rest);
  const members = heir === undefined ? rest : { ...rest, [heir.id]: rankedAs(heir.member, true) };
  const newAdmin = heir && { id: heir.id, username: heir.member.username };
  const left = { id: userId, username: member.username };
  // Nobody makes an empty group anew.
  const isGone = Object.keys(members).length === 0;
  const state = isGone ? { members, inviteHash: undefined } : { members };
  return changed(group, state, { event: "left", member: left, ...(newAdmin && { newAdmin }) }, userId);
}

/** Whether somebody may make a code that lets in. */
export const decideInvite = (group: Group, actor: User): Refusal | undefined => refusalOf(group, actor.id);

function withNew(group: Group, user: User, how: Pick<Member, "admin" | "joined">, change: GroupChange): Decision {
  if (idsOfMembers(group).length >= LIMITS.groups.members) return refused("too_many_members");
  const member = { username: user.username, since: group.version + 1, ...how };
  return changed(group, { members: { ...group.members, [user.id]: member } }, change);
}

function changed(
  { name, members, inviteHash }: Group,
  next: Partial<GroupState>,
  change: GroupChange,
  also?: string,
): Decision {
  const state = { name, members, inviteHash, ...next };
  return { kind: "changed", state, change, ...(also !== undefined && { also }) };
}

const named = ({ id, username }: User): User => ({ id, username });

const rankedAs = ({ admin: _, ...member }: Member, admin: boolean): Member => ({ ...member, ...(admin && { admin }) });

const adminsOf = (members: Members): string[] => Object.keys(members).filter((id) => members[id]?.admin);

const without = (members: Members, userId: string): Members =>
  Object.fromEntries(Object.entries(members).filter(([id]) => id !== userId));

function longest(members: Members): { readonly id: string; readonly member: Member } | undefined {
  return Object.entries(members)
    .map(([id, member]) => ({ id, member }))
    .toSorted((one, other) => one.member.since - other.member.since || (one.id < other.id ? -1 : 1))[0];
}
