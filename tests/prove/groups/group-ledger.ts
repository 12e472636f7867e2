import { isDeepStrictEqual } from "node:util";
import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { StoredMessage } from "../../../lib/channel/stored-message.ts";
import { isGroupId } from "../../../lib/contract/groups.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { BLOCK_PREFIX } from "../../../lib/database/account-keys.ts";
import { toRecord } from "../../../lib/database/accounts-table.ts";
import {
  type Group,
  type GroupAttributes,
  type GroupView,
  groupOf,
  idsOfMembers,
  memberOf,
  type Untold,
  viewOf,
} from "../../../lib/groups/group.ts";
import { readGroupCode } from "../../../lib/groups/group-codes.ts";
import { type Position, positionOf } from "../../../lib/runtime/ids.ts";
import type { Call } from "../devices/call.ts";
import { type DeviceLedger, type SentByUser, userOf } from "../devices/device-ledger.ts";
import type { Asked } from "../wire.ts";
import { type Ask, faultOf } from "./group-law.ts";

/** A command was carried out. */
interface Happened {
  readonly call: Call;
  /** Whether the call sees the answer. */
  readonly told: boolean;
  readonly moment: number;
  /** By the slowest clock, in milliseconds since the epoch. */
  readonly time: number;
}

/** A group as it was from a moment on. */
interface From {
  readonly moment: number;
  readonly time: number;
  readonly group: Group;
}

/** The message that tells a change. */
interface Event {
  readonly change: From;
  readonly untold: Untold;
  readonly message: SentByUser;
}

type Item = Record<string, AttributeValue>;

const OWNER_OF_GROUP = /^group#(g-.*)$/;
const OWNER_OF_USER = /^user#(.*)$/;

const ownerOf = (key: Item | undefined): string => key?.["owner"]?.S ?? "";

/** Compares what happens to groups, and what is told of it, with what was asked for. Its rules are in docs/proof.md. */
export class GroupLedger {
  readonly #ledger: DeviceLedger;
  readonly #table: string;
  /** Each group from its first state on. A code that is made anew is another state of the same version. */
  readonly #states = new Map<string, From[]>();
  /** As it is stored now. */
  readonly #stored = new Map<string, Group>();
  /** What each call has read of groups, in that order. */
  readonly #reads = new Map<Call, Group[]>();
  readonly #asks = new Map<Call, Ask>();
  readonly #counts = new Map<Call, number>();
  readonly #events = new Map<Position, Event>();
  /** Since which moment a user has blocked another one. */
  readonly #blocks = new Map<string, number>();
  readonly #closing = new Set<string>();

  constructor(ledger: DeviceLedger, table: string) {
    this.#ledger = ledger;
    this.#table = table;
  }

  /** All that there ever were. */
  get groupIds(): string[] {
    return [...this.#states.keys()];
  }

  ask(call: Call, ask: Ask): void {
    this.#asks.set(call, ask);
  }

  /** A call counts for so many messages more. */
  count(call: Call, tokens: number): void {
    this.#counts.set(call, (this.#counts.get(call) ?? 0) + tokens);
  }

  /** An account is about to be deleted. Nobody logs in any more. */
  closing(userId: string): void {
    this.#closing.add(userId);
    this.#ledger.deleted(userId);
  }

  isClosing(userId: string): boolean {
    return this.#closing.has(userId);
  }

  get isAnyClosing(): boolean {
    return this.#closing.size > 0;
  }

  get isAnyBlocked(): boolean {
    return this.#blocks.size > 0;
  }

  /** @param moment Of the call that says that a user has blocked another one. */
  isBlocked(userId: string, byId: string, moment = Number.POSITIVE_INFINITY): boolean {
    const since = this.#blocks.get(`${byId} ${userId}`);
    return since !== undefined && since <= moment;
  }

  stored(groupId: string): Group | undefined {
    return this.#stored.get(groupId);
  }

  /** The groups that a user is in. */
  groupsOf(userId: string): Group[] {
    return [...this.#stored.values()].filter((group) => memberOf(group, userId) !== undefined);
  }

  /**
   * A command was carried out.
   *
   * @param answer As the call sees it.
   * @returns What became of a group, for a person.
   */
  applied(command: Asked, answer: unknown, happened: Happened): string | undefined {
    if ((command.input as { TableName?: string }).TableName !== this.#table) return undefined;
    if (command instanceof GetItemCommand) return this.#read(ownerOf(command.input.Key), answer, happened);
    if (command instanceof PutItemCommand) {
      this.#noteBlock(command.input.Item ?? {}, happened);
      return this.#change(ownerOf(command.input.Item), command.input.Item, happened);
    }
    if (command instanceof UpdateItemCommand) {
      const { Attributes } = answer as { Attributes?: Item };
      return this.#change(ownerOf(command.input.Key), Attributes, happened);
    }
    const isGone = command instanceof DeleteItemCommand && OWNER_OF_GROUP.test(ownerOf(command.input.Key));
    this.#ledger.check(!isGone, "LEGAL: a group was deleted, and can be made anew");
    return undefined;
  }

  #read(owner: string, answer: unknown, { call, told }: Happened): undefined {
    const [, groupId] = OWNER_OF_GROUP.exec(owner) ?? [];
    const { Item } = answer as { Item?: Item };
    const group = groupId === undefined ? undefined : groupOf(Item && toRecord<GroupAttributes>(Item), groupId);
    if (told && group !== undefined) this.#reads.set(call, [...(this.#reads.get(call) ?? []), group]);
  }

  #noteBlock(item: Item, { moment }: Happened): void {
    const [, userId] = OWNER_OF_USER.exec(ownerOf(item)) ?? [];
    const record = item["record"]?.S ?? "";
    const key = `${userId} ${record.slice(BLOCK_PREFIX.length)}`;
    if (record.startsWith(BLOCK_PREFIX) && !this.#blocks.has(key)) this.#blocks.set(key, moment);
  }

  #change(owner: string, item: Item | undefined, happened: Happened): string | undefined {
    const [, groupId] = OWNER_OF_GROUP.exec(owner) ?? [];
    if (groupId === undefined || item === undefined) return undefined;
    const after = groupOf(toRecord<GroupAttributes>(item), groupId);
    const before = this.#stored.get(groupId);
    if (after === undefined) return undefined;
    this.#stored.set(groupId, after);
    const { untold: _, ...state } = after;
    const { untold: __, ...earlier } = before ?? { untold: [] };
    if (isDeepStrictEqual(state, earlier)) return undefined;
    const { moment, time } = happened;
    const change = { moment, time, group: after };
    this.#states.set(groupId, [...(this.#states.get(groupId) ?? []), change]);
    const isInvite =
      before !== undefined &&
      isDeepStrictEqual({ ...state, inviteHash: undefined }, { ...earlier, inviteHash: undefined });
    if (isInvite && after.inviteHash !== undefined) this.#checkInvite(before, happened);
    else this.#begin(change, before, happened);
    return `${after.name} ${after.version}: ${after.untold.at(-1)?.content} ${JSON.stringify(after.members)}`;
  }

  #checkInvite(before: Group, { call }: Happened): void {
    const ask = this.#asks.get(call);
    const isAdmin = ask !== undefined && memberOf(before, ask.actorId)?.admin === true;
    this.#ledger.check(
      isAdmin && ask.kind === "invite",
      `LEGAL: a code of ${before.groupId} that no admin has asked for`,
    );
  }

  /** A change of a group has begun to be told. */
  #begin(change: From, before: Group | undefined, { call, time }: Happened): void {
    const { group: after } = change;
    const untold = after.untold.find(({ version }) => version === after.version);
    const what = `version ${after.version} of ${after.groupId}`;
    this.#ledger.check(untold !== undefined, `TOLD: ${what} has no message`);
    if (untold === undefined) return;
    const isClosing = (userId: string): boolean => this.isClosing(userId);
    const ask = this.#asks.get(call);
    const fault = faultOf({ before, after, untold, ask, isClosing });
    this.#ledger.check(fault === undefined, `LEGAL: ${what} by ${untold.by.username}: ${fault}: ${untold.content}`);
    this.#checkBounds(change, before, call);
    const position = positionOf(untold.messageId, untold.by.id);
    this.#ledger.check(!this.#events.has(position), `TOLD: two changes have one message: ${position}`);
    const { content } = untold;
    const message = { position, senderId: untold.by.id, receiverId: after.groupId, from: "", content };
    this.#events.set(position, { change, untold, message });
    this.#ledger.begin(message, time);
    this.#ledger.count("changes");
  }

  #checkBounds({ group: after }: From, before: Group | undefined, call: Call): void {
    const ids = idsOfMembers(after);
    const added = ids.filter((id) => before === undefined || memberOf(before, id) === undefined);
    const isRoom = ids.length <= LIMITS.groups.members || added.length === 0 || before === undefined;
    this.#ledger.check(isRoom, `LEGAL: ${after.groupId} has ${ids.length} members`);
    const ask = this.#asks.get(call);
    if (ask === undefined || ask.kind === "show") return;
    for (const id of ask.kind === "join" ? [] : added) {
      const isBlocked = this.isBlocked(ask.actorId, id, call.moment);
      this.#ledger.check(!isBlocked, `LEGAL: ${id} has blocked ${ask.actorId}, and was added`);
    }
    // The first of several rounds counts the members as they were then.
    const counted = this.#counts.get(call) ?? 0;
    const sizes = this.#during(after.groupId, call).map(({ group }) => idsOfMembers(group).length);
    const fewest = Math.max(1, Math.min(...sizes, ids.length) - 1);
    this.#ledger.check(counted >= fewest, `RATE: a change of ${ids.length} members counts for ${counted}`);
  }

  /** A message was put on a channel where it was not. */
  put(channel: string, { position, toId, toName, type }: StoredMessage, call: Call): void {
    if (toId === undefined || !isGroupId(toId) || call.source !== undefined) return;
    const user = userOf(channel);
    const event = this.#events.get(position);
    if (event !== undefined) {
      this.#checkEvent(event, user, toName, type);
      return;
    }
    const read = this.#readBy(call, toId);
    this.#ledger.check(read !== undefined, `MEMBERS: ${position} went to ${toId} unread`);
    if (read === undefined) return;
    const isMember = memberOf(read, user) !== undefined;
    this.#ledger.check(isMember, `MEMBERS: ${position} went to ${channel}, and version ${read.version} is without it`);
    const isNamed = toName === read.name && type !== "group";
    this.#ledger.check(isNamed, `OWN: ${position} on ${channel} is ${type} of ${toName}`);
    const members = idsOfMembers(read).length;
    const counted = this.#counts.get(call) ?? 0;
    this.#ledger.check(counted >= members, `RATE: a message to ${members} members counts for ${counted}`);
  }

  #checkEvent({ change: { group }, untold }: Event, user: string, toName: string | undefined, type?: string): void {
    const isTold = memberOf(group, user) !== undefined || untold.also === user;
    this.#ledger.check(isTold, `MEMBERS: ${user} is told of version ${group.version}, and was not in the group`);
    const isNamed = toName === group.name && type === "group";
    this.#ledger.check(isNamed, `OWN: version ${group.version} is told as ${type} of ${toName}`);
  }

  /** A message to a group was answered 202. */
  accepted(message: SentByUser, missedBy: readonly string[], call: Call): void {
    const read = this.#readBy(call, message.receiverId);
    this.#ledger.check(read !== undefined, `MEMBERS: ${message.content} was answered 202 unread`);
    if (read === undefined) return;
    const then = this.#during(message.receiverId, call)[0]?.group.version ?? 0;
    this.#ledger.check(read.version >= then, `MEMBERS: a send has read version ${read.version}, and ${then} was there`);
    const isMember = memberOf(read, message.senderId) !== undefined;
    this.#ledger.check(isMember, `MEMBERS: ${message.content} was answered 202, and its sender is not in the group`);
    const others = idsOfMembers(read).filter((id) => id !== message.senderId);
    for (const id of missedBy) {
      this.#ledger.check(others.includes(id), `FULL: ${id} has missed ${message.content}, and is not in the group`);
      this.#ledger.refusedAsFull(id, call.moment);
    }
    const userIds = others.filter((id) => !missedBy.includes(id));
    this.#ledger.accept(message, call.moment, { userIds, copies: true });
    this.#ledger.count("acceptedByGroups");
  }

  /** A request was answered as done. */
  done(groupId: string, ask: Ask, call: Call): void {
    const isTrue = this.#during(groupId, call).some(({ group }) => isDone(ask, group));
    this.#ledger.check(isTrue, `ANSWERED: done, and never so: ${JSON.stringify(ask)}`);
    this.#ledger.count("done");
  }

  /** A request was refused. @returns Whether that was true at some moment of it. */
  isRefusal(groupId: string, ask: Ask, code: string, call: Call): boolean {
    const states = this.#during(groupId, call);
    const since = states[0];
    if (code === "unknown_group" && (since === undefined || since.moment > call.moment)) return true;
    if (code === "invalid_invite" && since === undefined) return true;
    return states.some(({ group }) => isRefused(ask, code, group));
  }

  /** A group as a request was answered it. */
  checkView(view: GroupView, userId: string, call: Call): void {
    const states = this.#during(view.groupId, call);
    const seen = states.find(({ group }) => group.version === view.version);
    const isTrue = seen !== undefined && isDeepStrictEqual(view, viewOf(seen.group));
    this.#ledger.check(isTrue, `STATE: ${JSON.stringify(view)} was answered, and it was ${JSON.stringify(states)}`);
    const isMember = view.members.some(({ id }) => id === userId);
    this.#ledger.check(isMember, `STATE: ${view.groupId} was shown to one who is not in it`);
  }

  /** The hash of a code that an admin was given, which has to be that of the group at some moment of the request. */
  checkCode(groupId: string, code: string, call: Call): void {
    const read = readGroupCode(code);
    const isTrue = this.#during(groupId, call).some(({ group }) => group.inviteHash === read?.inviteHash);
    this.#ledger.check(isTrue && read?.groupId === groupId, `STATE: a code of ${groupId} that was never its own`);
  }

  /**
   * To be called when each group was read by all who are in it: whatever was not told then is told by nobody. From now on each
   * message about a group has to be on the devices of those who were in it since, and of the one that left by it.
   */
  expectEvents(): void {
    for (const { change, untold, message } of this.#events.values()) {
      const { groupId, version } = change.group;
      const stored = this.#stored.get(groupId);
      if (stored === undefined) continue;
      const isTold = !stored.untold.some((one) => one.version === version);
      const isEmpty = idsOfMembers(stored).length === 0;
      this.#ledger.check(isTold || isEmpty, `TOLD: version ${version} of ${groupId} is told by nobody`);
      if (!isTold) continue;
      const later = (this.#states.get(groupId) ?? []).filter(({ group }) => group.version >= version);
      const stayed = idsOfMembers(change.group).filter((id) => later.every(({ group }) => memberOf(group, id)));
      const told = new Set([...stayed, ...(untold.also === undefined ? [] : [untold.also])]);
      const copies = told.delete(message.senderId);
      this.#ledger.accept(message, change.moment, { userIds: [...told], copies, isUnanswered: true });
      this.#ledger.count("told");
    }
  }

  /** The first that a call has read, as its send goes by that one. */
  #readBy(call: Call, groupId: string): Group | undefined {
    return this.#reads.get(call)?.find((group) => group.groupId === groupId);
  }

  /** How a group was while a call was under way, until now. */
  #during(groupId: string, { moment }: Call): From[] {
    const states = this.#states.get(groupId) ?? [];
    const first = states.findLastIndex((one) => one.moment <= moment);
    return states.slice(Math.max(0, first));
  }
}

function isDone(ask: Ask, group: Group): boolean {
  const actor = memberOf(group, ask.actorId);
  switch (ask.kind) {
    case "make":
    case "show":
    case "join":
      return actor !== undefined;
    case "rename":
      return group.name === ask.name;
    case "put": {
      const member = memberOf(group, ask.userId);
      return member !== undefined && (ask.admin === undefined || ask.admin === (member.admin ?? false));
    }
    case "remove":
      return memberOf(group, ask.userId) === undefined;
    case "invite":
      return actor?.admin === true;
  }
}

function isRefused(ask: Ask, code: string, group: Group): boolean {
  const actor = memberOf(group, ask.actorId);
  switch (code) {
    case "unknown_group":
      return actor === undefined;
    case "not_an_admin":
      return actor !== undefined && !actor.admin;
    case "last_admin":
      return Object.values(group.members).filter(({ admin }) => admin).length === 1;
    case "too_many_members":
      return idsOfMembers(group).length >= LIMITS.groups.members;
    case "invalid_invite":
      return ask.kind === "join" && ask.inviteHash !== group.inviteHash;
    default:
      return false;
  }
}
