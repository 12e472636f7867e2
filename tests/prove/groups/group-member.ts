import type { GroupView } from "../../../lib/groups/group.ts";
import { groupIdOf, readGroupCode } from "../../../lib/groups/group-codes.ts";
import { positionOf } from "../../../lib/runtime/ids.ts";
import type { Caller } from "../../../lib/tokens/tokens.ts";
import type { Call } from "../devices/call.ts";
import { type Client, codeOf, keyOf, type User } from "../devices/client.ts";
import type { SentByUser } from "../devices/device-ledger.ts";
import type { DeviceWorld, Outcome } from "../devices/device-world.ts";
import type { Functions } from "../devices/functions.ts";
import type { Act, CallPlan } from "../devices/plan.ts";
import type { Ask } from "./group-law.ts";
import type { GroupAct } from "./group-plan.ts";

type ActOf<Kind extends GroupAct["kind"]> = Extract<GroupAct, { readonly kind: Kind }>;

const GROUP_KEY = "the_key_of_a_group";

/** The group that a user makes. Each has one id, as its maker names it by the same key each time. */
const groupOfUser = ({ userId }: User): string => groupIdOf(userId, GROUP_KEY);

/** The codes that admins were given, by their groups. */
export type Codes = Map<string, string[]>;

const KINDS: ReadonlySet<string> = new Set<GroupAct["kind"]>([
  "make",
  "write",
  "rename",
  "put",
  "take",
  "leave",
  "invite",
  "join",
  "show",
  "list",
  "block",
  "deleteAccount",
]);

const isOfGroup = (act: Act | GroupAct): act is GroupAct => KINDS.has(act.kind);

/** What a request is about. */
interface Asked {
  readonly groupId: string;
  readonly ask: Ask;
  readonly tries: readonly CallPlan[];
}

/** A client that does something with groups as well. */
export class GroupMember {
  readonly #client: Client;
  readonly #world: DeviceWorld;
  readonly #users: readonly User[];
  readonly #codes: Codes;
  readonly #messages = new Map<number, Omit<SentByUser, "from"> & { readonly messageId: string }>();

  constructor(client: Client, world: DeviceWorld, users: readonly User[], codes: Codes) {
    this.#client = client;
    this.#world = world;
    this.#users = users;
    this.#codes = codes;
  }

  async act(act: Act | GroupAct): Promise<void> {
    if (!isOfGroup(act)) return this.#client.act(act);
    const { caller } = this.#client;
    if (caller === undefined) return;
    switch (act.kind) {
      case "make":
        return this.#make(act, caller);
      case "write":
        return this.#write(act, caller);
      case "list":
        return this.#list(act, caller);
      case "block":
        return this.#block(act, caller);
      case "deleteAccount":
        return this.#deleteAccount(act);
      case "join":
        return this.#join(act, caller);
      default:
        return this.#change(act, caller);
    }
  }

  #userOf(number: number): User {
    return this.#users[number % this.#users.length] ?? this.#client.user;
  }

  #groupOf(number: number): string {
    return groupOfUser(this.#userOf(number));
  }

  async #make({ members, tries }: ActOf<"make">, caller: Caller): Promise<void> {
    const memberIds = members.map((one) => this.#userOf(one).userId);
    if (memberIds.every((id) => id === caller.userId)) return;
    const ask = { kind: "make", actorId: caller.userId, name: "a group", memberIds } as const;
    await this.#ask({ groupId: groupOfUser(this.#client.user), ask, tries }, ({ makeGroup }) =>
      makeGroup(caller, ask.name, memberIds, GROUP_KEY),
    );
  }

  async #change(act: ActOf<"rename" | "put" | "take" | "leave" | "invite" | "show">, caller: Caller): Promise<void> {
    const groupId = this.#groupOf(act.group);
    const { tries } = act;
    const actorId = caller.userId;
    switch (act.kind) {
      case "rename": {
        const ask = { kind: "rename", actorId, name: `name ${act.name}` } as const;
        return this.#ask({ groupId, ask, tries }, ({ renameGroup }) => renameGroup(caller, groupId, ask.name));
      }
      case "put": {
        const ask = { kind: "put", actorId, userId: this.#userOf(act.user).userId, admin: act.admin } as const;
        return this.#ask({ groupId, ask, tries }, ({ putMember }) => putMember(caller, groupId, ask.userId, ask.admin));
      }
      case "take":
      case "leave": {
        const userId = act.kind === "leave" ? actorId : this.#userOf(act.user).userId;
        const ask = { kind: "remove", actorId, userId } as const;
        return this.#ask({ groupId, ask, tries }, ({ removeMember }) => removeMember(caller, groupId, userId));
      }
      case "invite":
        return this.#ask({ groupId, ask: { kind: "invite", actorId }, tries }, ({ invite }) => invite(caller, groupId));
      case "show":
        return this.#ask({ groupId, ask: { kind: "show", actorId }, tries }, ({ group }) => group(caller, groupId));
    }
  }

  async #join({ group, back, tries }: ActOf<"join">, caller: Caller): Promise<void> {
    const groupId = this.#groupOf(group);
    const code = this.#codes.get(groupId)?.at(-1 - back);
    if (code === undefined) return;
    const inviteHash = readGroupCode(code)?.inviteHash ?? "";
    const ask = { kind: "join", actorId: caller.userId, inviteHash } as const;
    await this.#ask({ groupId, ask, tries }, ({ joinGroup }) => joinGroup(caller, code));
  }

  async #ask({ groupId, ask, tries }: Asked, work: (functions: Functions) => Promise<unknown>): Promise<void> {
    const { groups, ledger } = this.#world;
    await this.#client.try(tries, async (plan) => {
      let begun: Call | undefined;
      const outcome = await this.#client.call(
        `asks ${JSON.stringify({ ...ask, actorId: undefined })}`,
        plan,
        async (functions, call) => {
          begun = call;
          groups.ask(call, ask);
          const body = await work(functions);
          if (call.state === "open") this.#checkAnswer(groupId, ask, body, call);
          return body;
        },
        (code) => begun !== undefined && this.#isExpected(groupId, ask, code, begun),
      );
      if (outcome.kind === "failed") ledger.count(`refused as ${codeOf(outcome.error)}`);
      if (outcome.kind === "answered" && ask.kind === "invite") this.#keepCode(groupId, outcome);
      return outcome;
    });
  }

  #checkAnswer(groupId: string, ask: Ask, body: unknown, call: Call): void {
    const { groups } = this.#world;
    groups.done(groupId, ask, call);
    if (ask.kind === "invite") groups.checkCode(groupId, (body as { code: string }).code, call);
    else if (ask.kind !== "remove") groups.checkView(body as GroupView, ask.actorId, call);
  }

  #isExpected(groupId: string, ask: Ask, code: string, call: Call): boolean {
    const { groups } = this.#world;
    if (groups.isRefusal(groupId, ask, code, call)) return true;
    const named = ask.kind === "make" ? ask.memberIds : ask.kind === "put" ? [ask.userId] : [];
    if (code === "blocked") return named.some((id) => groups.isBlocked(ask.actorId, id));
    return code === "unknown_user" && named.some((id) => groups.isClosing(id));
  }

  #keepCode(groupId: string, outcome: Outcome<unknown>): void {
    if (outcome.kind !== "answered") return;
    const { code } = outcome.value as { code: string };
    this.#codes.set(groupId, [...(this.#codes.get(groupId) ?? []), code]);
  }

  async #write({ message: number, group, tries }: ActOf<"write">, caller: Caller): Promise<void> {
    const { ledger, groups } = this.#world;
    const { messageId, ...written } = this.#messageOf(number, this.#groupOf(group), caller);
    const message = { ...written, from: keyOf(caller) };
    const { receiverId: groupId, content } = message;
    const ask = { kind: "show", actorId: caller.userId } as const;
    ledger.begin(message, this.#world.time);
    await this.#client.try(tries, (plan) => {
      let begun: Call | undefined;
      return this.#client.call(
        `writes ${content}`,
        plan,
        async ({ send }, call) => {
          begun = call;
          const { body } = await send(caller, groupId, messageId, content);
          const { missedBy = [] } = body as { missedBy?: readonly string[] };
          if (call.state === "open") groups.accepted(message, missedBy, call);
        },
        (code) => begun !== undefined && groups.isRefusal(groupId, ask, code, begun),
      );
    });
  }

  #messageOf(number: number, groupId: string, { userId }: Caller) {
    const known = this.#messages.get(number);
    if (known !== undefined) return known;
    const messageId = this.#world.newMessageId();
    const content = `${this.#client.name}-to-all-${number}`;
    const message = {
      position: positionOf(messageId, userId),
      senderId: userId,
      receiverId: groupId,
      content,
      messageId,
    };
    this.#messages.set(number, message);
    return message;
  }

  async #list({ tries }: ActOf<"list">, caller: Caller): Promise<void> {
    await this.#client.try(tries, (plan) => this.#client.call("lists groups", plan, ({ groups }) => groups(caller)));
  }

  async #block({ user, tries }: ActOf<"block">, caller: Caller): Promise<void> {
    const { userId } = this.#userOf(user);
    if (userId === caller.userId) return;
    const isExpected = (code: string): boolean => code === "unknown_user" && this.#world.groups.isClosing(userId);
    await this.#client.try(tries, (plan) =>
      this.#client.call("blocks", plan, ({ block }) => block(caller, userId), isExpected),
    );
  }

  async #deleteAccount({ tries }: ActOf<"deleteAccount">): Promise<void> {
    const { user } = this.#client;
    this.#world.groups.closing(user.userId);
    await this.#client.try(tries, (plan) =>
      this.#client.call("deletes the account", plan, ({ deleteAccount }) => deleteAccount(user)),
    );
  }
}
