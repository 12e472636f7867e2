import { isDeepStrictEqual } from "node:util";
import type { GroupEvent } from "../../../lib/contract/groups.ts";
import type { Group, Members, Untold } from "../../../lib/groups/group.ts";

/** What a request asks of a group. */
export type Ask =
  | { readonly kind: "make"; readonly actorId: string; readonly name: string; readonly memberIds: readonly string[] }
  | { readonly kind: "rename"; readonly actorId: string; readonly name: string }
  | { readonly kind: "put"; readonly actorId: string; readonly userId: string; readonly admin: boolean | undefined }
  | { readonly kind: "remove"; readonly actorId: string; readonly userId: string }
  | { readonly kind: "invite"; readonly actorId: string }
  | { readonly kind: "join"; readonly actorId: string; readonly inviteHash: string }
  | { readonly kind: "show"; readonly actorId: string };

/** A change as it was stored, and what it was made for. */
export interface Change {
  /** The version before. `undefined`: the group is new. */
  readonly before: Group | undefined;
  readonly after: Group;
  readonly untold: Untold;
  /** `undefined`: the request is about no group. */
  readonly ask: Ask | undefined;
  /** Whether an account is deleted, or is about to be. */
  readonly isClosing: (userId: string) => boolean;
}

const isAdminOf = (group: Group | undefined, userId: string): boolean => group?.members[userId]?.admin === true;

/**
 * What a change is, from what its event says of it: so an event that does not tell the whole change is found as well. It does not know
 * how the code decides.
 *
 * @returns What is wrong with the change, if anything is.
 */
export function faultOf(change: Change): string | undefined {
  const event = JSON.parse(change.untold.content) as GroupEvent;
  return faultOfState(change, event) ?? faultOfAsk(change, event);
}

function faultOfState({ before, after, untold }: Change, event: GroupEvent): string | undefined {
  const version = (before?.version ?? 0) + 1;
  if (after.version !== version || event.version !== version) return `it follows ${version - 1}`;
  if (untold.name !== after.name) return `its message has the name ${untold.name}`;
  const members = Object.values(after.members);
  if (members.length > 0 && !members.some(({ admin }) => admin)) return "nobody is admin";
  const told = before === undefined ? after : afterEvent(before, event);
  return isDeepStrictEqual(plain(after), plain(told)) ? undefined : "it is another change than the one that is told";
}

function faultOfAsk({ before, after, untold, ask, isClosing }: Change, event: GroupEvent): string | undefined {
  const actorId = untold.by.id;
  if (event.event === "left" && event.member.id === actorId && isClosing(actorId)) return undefined;
  if (ask?.actorId !== actorId) return "its message is not from the one who asked for it";
  const isAsked = isAdminOf(before, actorId) ? isAskedByAdmin(event, ask) : false;
  return isAsked || isAskedByAnybody(event, ask, before, after) ? undefined : "nobody has asked for it, or may";
}

function isAskedByAdmin(event: GroupEvent, ask: Ask): boolean {
  switch (event.event) {
    case "added":
      return ask.kind === "put" && ask.userId === event.member.id;
    case "admin":
      return ask.kind === "put" && ask.userId === event.member.id && ask.admin === event.admin;
    case "removed":
      return ask.kind === "remove" && ask.userId === event.member.id;
    case "renamed":
      return ask.kind === "rename" && ask.name === event.name;
    default:
      return false;
  }
}

function isAskedByAnybody(event: GroupEvent, ask: Ask, before: Group | undefined, after: Group): boolean {
  switch (event.event) {
    case "created": {
      const members = ask.kind === "make" ? [...new Set([ask.actorId, ...ask.memberIds])].toSorted() : [];
      return before === undefined && isDeepStrictEqual(members, Object.keys(after.members).toSorted());
    }
    case "left":
      return ask.kind === "remove" && ask.userId === ask.actorId && event.member.id === ask.actorId;
    case "joined":
      return ask.kind === "join" && ask.inviteHash === before?.inviteHash && event.member.id === ask.actorId;
    default:
      return false;
  }
}

/** A group after what a member reads in a message about it. The same if that cannot be. */
function afterEvent(group: Group, event: GroupEvent): Group {
  const next = { ...group, version: group.version + 1 };
  switch (event.event) {
    case "created":
      return group;
    case "renamed":
      return event.before === group.name ? { ...next, name: event.name } : group;
    case "added":
    case "joined": {
      const { id, username } = event.member;
      const admin = "admin" in event && event.admin === true;
      const joined = event.event === "joined" && ({ joined: true } as const);
      const member = { username, since: next.version, ...(admin && { admin }), ...joined };
      return id in group.members ? group : { ...next, members: { ...group.members, [id]: member } };
    }
    case "admin":
      return { ...next, members: withRank(group.members, event.member.id, event.admin) };
    case "removed":
      return { ...next, members: without(group.members, event.member.id), inviteHash: undefined };
    case "left":
      return afterLeaving(next, event.member.id, event.newAdmin?.id);
  }
}

function afterLeaving(group: Group, userId: string, heirId: string | undefined): Group {
  const rest = without(group.members, userId);
  if (Object.keys(rest).length === 0) return { ...group, members: rest, inviteHash: undefined };
  if (heirId === undefined) return { ...group, members: rest };
  const since = rest[heirId]?.since ?? 0;
  const isHeir = Object.values(rest).every((member) => !member.admin && member.since >= since);
  return isHeir ? { ...group, members: withRank(rest, heirId, true) } : group;
}

/** The same if the user is no member. */
function withRank(members: Members, userId: string, admin: boolean): Members {
  const { [userId]: member } = members;
  if (member === undefined) return members;
  const { admin: _, ...rest } = member;
  return { ...members, [userId]: { ...rest, ...(admin && { admin }) } };
}

const without = (members: Members, userId: string): Members =>
  Object.fromEntries(Object.entries(members).filter(([id]) => id !== userId));

/** What is told of a group, without what is absent. */
const plain = ({ untold: _, ...state }: Group): unknown => JSON.parse(JSON.stringify(state));
