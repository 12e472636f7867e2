/*
 * What both ends of the wire know of groups: how a group's id looks, and what is told of a change. A group is named like a
 * receiver, by `sendToId`, and its id is told from a user's by its form.
 */

/** What the id of each group begins with. No user's id does. */
export const GROUP_ID_PREFIX = "g-";

/** The form of the ids that the server makes. */
export const GROUP_ID = /^g-[A-Za-z0-9_-]{22}$/;

/**
 * Whether an id is a group's, and not a user's. It asks for the prefix alone: a client must take a group of a later server for a
 * group, even if that server makes longer ids.
 */
export const isGroupId = (id: string): boolean => id.startsWith(GROUP_ID_PREFIX);

/** Whether the server may have made an id for a group. The server reads no record under any other text that a request names. */
export const hasFormOfGroupId = (id: string): boolean => GROUP_ID.test(id);

/**
 * Members of the largest group in which people see live what the others do: who is typing, and who has read a message. In a larger
 * one each message would cause too many frames and receipts.
 */
export const LARGEST_GROUP = 20;

/** A member, as an event names one. */
interface EventMember {
  readonly id: string;
  readonly username: string;
}

/** What happened in a group. The sender of the message did it. */
export type GroupChange =
  | { readonly event: "created"; readonly name: string }
  | { readonly event: "added"; readonly member: EventMember; readonly admin?: true }
  | { readonly event: "joined"; readonly member: EventMember }
  | { readonly event: "removed"; readonly member: EventMember }
  /** `newAdmin`: the last admin left, and this member is admin now. */
  | { readonly event: "left"; readonly member: EventMember; readonly newAdmin?: EventMember }
  | { readonly event: "renamed"; readonly name: string; readonly before: string }
  | { readonly event: "admin"; readonly member: EventMember; readonly admin: boolean };

/** The content of a message of the type `group`, as JSON. `version` counts the changes of the group, from 1. */
export type GroupEvent = GroupChange & { readonly version: number };
