import { Blocks } from "../../../lib/accounts/blocks.ts";
import { Users } from "../../../lib/accounts/users.ts";
import { ChannelBound } from "../../../lib/channel/channel-bound.ts";
import { ChannelStore } from "../../../lib/channel/channel-store.ts";
import { MessageStore } from "../../../lib/channel/message-store.ts";
import { Profiles, type User } from "../../../lib/channel/profiles.ts";
import { Sending } from "../../../lib/channel/sending.ts";
import type { GroupEvent } from "../../../lib/contract/groups.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { Database } from "../../../lib/database/database.ts";
import { Devices } from "../../../lib/devices/device-store.ts";
import { FanOut } from "../../../lib/devices/fan-out.ts";
import type { Group } from "../../../lib/groups/group.ts";
import { GroupFanOut } from "../../../lib/groups/group-fan-out.ts";
import { GroupLeaving } from "../../../lib/groups/group-leaving.ts";
import { GroupNotes } from "../../../lib/groups/group-notes.ts";
import { GroupPeople } from "../../../lib/groups/group-people.ts";
import { GroupRecords } from "../../../lib/groups/group-records.ts";
import { GroupSending } from "../../../lib/groups/group-sending.ts";
import { GroupStore } from "../../../lib/groups/group-store.ts";
import { GroupTeller } from "../../../lib/groups/group-teller.ts";
import { Groups } from "../../../lib/groups/groups.ts";
import { UserLimit } from "../../../lib/rates/user-limit.ts";
import { channelKey, idsOf } from "../../../lib/runtime/ids.ts";
import type { TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";

/** A call of the database, as it is about to be made. */
export interface Command {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What becomes of a call, in the place of being made. */
export type Intercept = (command: Command, go: () => Promise<unknown>) => Promise<unknown>;

/** Messages that may wait on one channel. */
export const MOST_WAITING = 20;

/** Of a send. */
interface SendOptions {
  readonly messageId?: string;
  readonly content?: string;
  /** The channel of the device that sends. */
  readonly channel?: string | undefined;
  readonly copies?: boolean;
}

const KEY = /^group#g-/;

/** Whether a call is about the record of a group. */
export const isOfGroup = ({ input }: Command): boolean => {
  const key = (input["Key"] ?? input["Item"]) as { owner?: { S?: string } } | undefined;
  return KEY.test(key?.owner?.S ?? "");
};

/** The write of a change of a group. That it was told is another one. */
export const isChange = (command: Command): boolean =>
  command.name === "UpdateItem" && isOfGroup(command) && /:members/.test(String(command.input["UpdateExpression"]));

export const isMaking = (command: Command): boolean => command.name === "PutItem" && isOfGroup(command);

export const isTold = (command: Command): boolean =>
  command.name === "UpdateItem" && /^REMOVE #untold/.test(String(command.input["UpdateExpression"]));

/** A message onto a channel. */
export const isPut = ({ name, input }: Command): boolean =>
  name === "PutItem" && "receiverId" in ((input["Item"] ?? {}) as object);

/** On a busy machine an answer would not wait for what a request mends beside its own work. */
Object.assign(LIMITS.groups, { mendTime: 60_000 });

const outage = (): Error => Object.assign(new Error("the answer did not come"), { name: "TimeoutError" });

/** Groups on an engine, and functions that do something with them, each with a hand on its calls. */
export class GroupWorld {
  readonly engine: TestEngine;
  now = Date.now();
  readonly users: Users;
  readonly blocks: Blocks;
  readonly #channels: ChannelStore;

  constructor(engine: TestEngine) {
    this.engine = engine;
    this.users = new Users(engine.accounts, () => this.now);
    this.blocks = new Blocks(engine.accounts, () => this.now);
    this.#channels = new ChannelStore(engine.client, engine.tables.channels);
  }

  newUser(): Promise<User> {
    return this.users.create(newUsername(), "a hash");
  }

  newUsers(count: number): Promise<User[]> {
    return Promise.all(Array.from({ length: count }, () => this.newUser()));
  }

  /** A running function, put together as `lib/services` does it. The dice have nothing counted by chance. */
  process(intercept: Intercept = (_, go) => go(), clock = (): number => this.now) {
    const calls: Command[] = [];
    const database = {
      send: (command: { readonly input: Record<string, unknown> }, ...options: unknown[]) => {
        const call = { name: command.constructor.name.replace("Command", ""), input: command.input };
        calls.push(call);
        return intercept(call, () => this.engine.client.send(command as never, ...(options as [])));
      },
    } as unknown as Database;
    const accounts = { database, name: this.engine.tables.accounts };
    const messages = new MessageStore(database, this.engine.tables.channels);
    const channelBound = new ChannelBound(messages, new Profiles(accounts), clock, MOST_WAITING, () => 0.999_999);
    const sending = new Sending(messages, clock);
    const devices = new Devices(accounts, clock, async () => {});
    const fanOut = new GroupFanOut({ sending, fanOut: new FanOut({ sending, channelBound, devices }) });
    const store = new GroupStore(accounts, clock, async () => {});
    const people = new GroupPeople(accounts, clock);
    const notes = new GroupNotes(accounts, clock);
    const teller = new GroupTeller({ store, people, fanOut, wakes: undefined, now: clock });
    const sendLimit = new UserLimit(accounts, clock, { ...LIMITS.send, bucket: "sending" });
    const sends = new GroupSending({ store, people, fanOut, teller, wakes: undefined, pushes: undefined });
    return {
      calls,
      store,
      notes,
      leaving: new GroupLeaving(store, notes),
      groups: new Groups({ store, records: new GroupRecords(accounts), notes, people, teller, sendLimit, now: clock }),
      send: async ({ id, username }: User, groupId: string, options: SendOptions = {}) => {
        const { messageId, content = "Hello", channel, copies = true } = options;
        const message = { senderId: id, senderName: username, content, messageId };
        const admit = async (): Promise<void> => {};
        return sends.send(await sends.read(groupId), { message, senderChannel: channel, copies, admit });
      },
    };
  }

  get groups(): Groups {
    return this.process().groups;
  }

  /** A group of these, the first of whom is admin. */
  async group([maker, ...others]: readonly User[], name = "Climbing"): Promise<string> {
    if (maker === undefined) throw new Error("nobody makes the group");
    const ids = others.map(({ id }) => id);
    return (await this.groups.make(maker, name, ids)).groupId;
  }

  /** The group as it is stored. */
  async stored(groupId: string): Promise<Group> {
    const group = await this.process().store.read(groupId);
    if (group === undefined) throw new Error("there is no such group");
    return group;
  }

  async memberIds(groupId: string): Promise<string[]> {
    return Object.keys((await this.stored(groupId)).members).toSorted();
  }

  async adminIds(groupId: string): Promise<string[]> {
    const { members } = await this.stored(groupId);
    return Object.keys(members)
      .filter((id) => members[id]?.admin)
      .toSorted();
  }

  /** What lies on one of a user's channels. */
  async waiting({ id }: User, channel?: string) {
    const { messages } = await this.#channels.read(channelKey(id, channel), 100);
    return messages.map((message) => ({ ...message, ...idsOf(message.position) }));
  }

  /** What a user was told of a group, in the order of the changes. */
  async told(user: User, channel?: string): Promise<GroupEvent[]> {
    const messages = await this.waiting(user, channel);
    return messages
      .filter(({ type }) => type === "group")
      .map(({ content }) => JSON.parse(content) as GroupEvent)
      .toSorted((one, other) => one.version - other.version);
  }

  /** The same, as words. */
  async events(user: User, channel?: string): Promise<string[]> {
    return (await this.told(user, channel)).map(({ version, event }) => `${version} ${event}`);
  }
}

/** Does something else before the first call of a kind is made. */
export function aheadOf(isIt: (command: Command) => boolean, action: () => Promise<unknown>): Intercept {
  let isDone = false;
  return async (command, go) => {
    if (!isDone && isIt(command)) {
      isDone = true;
      await action();
    }
    return go();
  };
}

/**
 * The first call of a kind applies, and its answer is lost: the database client's own next attempt finds it applied.
 *
 * @param meanwhile What else happens between the two attempts.
 */
export function lostAnswer(
  isIt: (command: Command) => boolean,
  meanwhile: () => Promise<unknown> = async () => {},
): Intercept {
  let isDone = false;
  return async (command, go) => {
    if (isDone || !isIt(command)) return go();
    isDone = true;
    await go();
    await meanwhile();
    return go();
  };
}

/** The process dies at the first call of a kind. */
export function crashAt(isIt: (command: Command) => boolean): Intercept {
  let isDead = false;
  return async (command, go) => {
    isDead ||= isIt(command);
    if (isDead) throw outage();
    return go();
  };
}
