/*
 * A group, as it is stored: one record, and the one truth about its members. `group-store.ts` changes it; what is changed, and
 * when it is refused, is in `group-decision.ts`.
 */

import type { User } from "../channel/profiles.ts";
import type { Stored } from "../database/accounts-table.ts";

export interface Member {
  readonly username: string;
  /** The version of the group that the member came with. The member who joined first has the smallest. */
  readonly since: number;
  readonly admin?: true | undefined;
  /** The member came by themselves: made the group, or joined it by a code. Members stored by earlier versions do not have it. */
  readonly joined?: true | undefined;
}

/** By the users' ids. */
export type Members = Readonly<Record<string, Member>>;

/** A change that not all members have been told of yet. It is stored with the change itself. */
export interface Untold {
  /** The version that the change made. */
  readonly version: number;
  /** The id of the message that tells it, each time. */
  readonly messageId: string;
  /** The user who made the change: the sender of that message. */
  readonly by: User;
  /** The group's name after the change. */
  readonly name: string;
  /** A `GroupEvent`, as JSON. */
  readonly content: string;
  /** A user who is told, and is no longer in the group: it was removed, or left. */
  readonly also?: string | undefined;
  /** When it was stored, in milliseconds since the epoch. */
  readonly at: number;
}

export interface Group {
  readonly groupId: string;
  readonly name: string;
  /** Counts the changes of the name and of the members, from 1. */
  readonly version: number;
  readonly members: Members;
  /** Of the code that lets in, see `group-codes.ts`. Absent: none does. */
  readonly inviteHash?: string | undefined;
  /** In the order of their versions. */
  readonly untold: readonly Untold[];
}

/** What a change is made of. */
export type GroupState = Pick<Group, "name" | "members" | "inviteHash">;

/** A group, as its members see it. */
export interface GroupView {
  readonly groupId: string;
  readonly name: string;
  readonly version: number;
  /** By their names. */
  readonly members: readonly (User & Pick<Member, "joined"> & { readonly admin: boolean })[];
}

/** A group as it is stored, by its id. */
export interface GroupAttributes {
  readonly name: string;
  readonly version: number;
  readonly members: Members;
  readonly invite: string;
  /** By their versions, as each is removed by itself. */
  readonly untold: Readonly<Record<string, Untold>>;
}

export function groupOf(stored: Stored<GroupAttributes> | undefined, groupId: string): Group | undefined {
  if (stored === undefined) return undefined;
  const { name = "", version = 0, members = {}, invite: inviteHash, untold = {} } = stored;
  const byVersion = Object.values(untold).toSorted((one, other) => one.version - other.version);
  return { groupId, name, version, members, inviteHash, untold: byVersion };
}

export const memberOf = ({ members }: Pick<Group, "members">, userId: string): Member | undefined =>
  Object.hasOwn(members, userId) ? members[userId] : undefined;

export const idsOfMembers = ({ members }: Pick<Group, "members">): string[] => Object.keys(members);

export const viewOf = ({ groupId, name, version, members }: Group): GroupView => ({
  groupId,
  name,
  version,
  members: Object.entries(members)
    .map(([id, { username, admin = false, joined }]) => ({ id, username, admin, ...(joined && { joined }) }))
    .toSorted((one, other) => (one.username < other.username ? -1 : 1)),
});

/**
 * The users who are told of a change: the members at that time, and the one that left by it. Newcomers get nothing from
 * before.
 */
export const toldOf = ({ members }: Pick<Group, "members">, { version, also }: Untold): string[] => {
  const present = Object.entries(members).flatMap(([id, { since }]) => (since <= version ? [id] : []));
  return also === undefined || present.includes(also) ? present : [...present, also];
};
