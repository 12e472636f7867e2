import { asObject, withTexts } from "../contract/json.ts";
import { readUser, type User, withList } from "./model.ts";
import type { CallOptions } from "./options.ts";

/** A member of a group. */
export interface GroupMember extends User {
  readonly admin: boolean;
  /** The member made the group, or joined it by a code. Undefined: was added by an admin, or it is not known. */
  readonly joined?: true;
}

/** A group, as its members see it. */
export interface Group {
  /** What messages to the group are sent to. */
  readonly groupId: string;
  readonly name: string;
  /** Counts the changes. Of two states of a group, the one with the greater version is the later one. */
  readonly version: number;
  /** By their names. */
  readonly members: readonly GroupMember[];
}

/** A group in the list of the user's own. */
export interface ListedGroup {
  readonly groupId: string;
  readonly name: string;
  readonly version: number;
  readonly memberCount: number;
  /** Whether the user is an admin. */
  readonly admin: boolean;
}

/** A group that is to be made. */
export interface NewGroup extends CallOptions {
  readonly name: string;
  /** The ids of the other members. */
  readonly members: readonly string[];
  /**
   * Random, the same in each repeat: a repeat finds the group that the first try made. Default: the client makes one for
   * this call. Give your own to repeat the call in another process; `newLoginId` makes one.
   */
  readonly groupKey?: string | undefined;
}

const hasVersion = (value: unknown): boolean => Number.isInteger(asObject(value)["version"]);

const isMember = (value: unknown): boolean =>
  readUser(value) !== undefined && typeof asObject(value)["admin"] === "boolean";

const hasGroup = withTexts<Group>("groupId", "name");

/** Accepts a group. */
export function readGroup(answer: unknown): Group | undefined {
  const { members } = asObject(answer);
  const isGroup = hasVersion(answer) && Array.isArray(members) && members.every(isMember);
  return isGroup ? hasGroup(answer) : undefined;
}

const hasGroups = withList<ListedGroup>("groups", "groupId", "name");

/** Accepts a list of groups. */
export function readGroups(answer: unknown): readonly ListedGroup[] | undefined {
  const isListed = (group: ListedGroup): boolean =>
    hasVersion(group) && Number.isInteger(group.memberCount) && typeof group.admin === "boolean";
  const groups = hasGroups(answer);
  return groups?.every(isListed) ? groups : undefined;
}
