import { SHARED_DEVICE } from "../../../lib/contract/devices.ts";
import { isInUse } from "../../../lib/devices/device-map.ts";
import { GoTalkError } from "../../../lib/runtime/errors.ts";
import { channelKey, positionOf } from "../../../lib/runtime/ids.ts";
import type { Caller } from "../../../lib/tokens/tokens.ts";
import type { Call } from "./call.ts";
import type { SentByUser } from "./device-ledger.ts";
import type { DeviceWorld, Outcome } from "./device-world.ts";
import type { Functions, Login } from "./functions.ts";
import type { Holders } from "./holders.ts";
import { type Act, CALM, type CallPlan, type LoginKind } from "./plan.ts";

/** A user as a client knows it. */
export type User = Pick<Caller, "userId" | "username">;

/** What may be answered to a client that does nothing wrong, beside 503. */
const EXPECTED = new Set([
  "unavailable",
  "invalid_token",
  "device_expired",
  "too_many_devices",
  "too_many_requests",
  "unknown_device",
  "channel_full",
  "message_id_time",
]);

type ActOf<Kind extends Act["kind"]> = Extract<Act, { readonly kind: Kind }>;

/** Somebody who logs in, sends, fetches and goes, with one client. */
export class Client {
  readonly name: string;
  readonly user: User;
  /** The session that it uses. */
  caller: Caller | undefined;
  readonly #world: DeviceWorld;
  readonly #users: readonly User[];
  readonly #holders: Holders;
  readonly #messages = new Map<number, SentByUser & { readonly messageId: string }>();
  /** The personal device that it had last. */
  #known: string | undefined;
  /** The last receipt, and the device that it is of. */
  #receipt = { deviceId: "", receipt: "" };
  #logins = 0;

  constructor(name: string, user: User, world: DeviceWorld, users: readonly User[], holders: Holders) {
    this.name = name;
    this.user = user;
    this.#world = world;
    this.#users = users;
    this.#holders = holders;
  }

  async act(act: Act): Promise<void> {
    if (act.kind === "logIn") return this.#logIn(act);
    const { caller } = this;
    if (caller === undefined) return;
    switch (act.kind) {
      case "makeDevice":
        return this.#makeDevice(act, caller);
      case "logOut":
        return this.#logOut(act, caller);
      case "remove":
        return this.#remove(act, caller);
      case "send":
        return this.#send(act, caller);
      case "sync":
        return void (await this.sync(act, caller));
    }
  }

  async #logIn({ by, tries }: ActOf<"logIn">): Promise<void> {
    if (this.#world.groups.isClosing(this.user.userId)) return;
    const loginId = this.#newLoginId();
    const wanted = { ...this.#wanted(by), loginId };
    await this.try(tries, (plan) => this.#getDevice(plan, ({ logIn }) => logIn(this.user, wanted)));
  }

  /** The same in each repeat of one login, and another one in the next. */
  #newLoginId(): string {
    const loginId = `${this.name}_login_${this.#logins++}`.replaceAll(" ", "_").padEnd(16, "_");
    this.#holders.begin(this.name, loginId);
    return loginId;
  }

  #wanted(by: LoginKind) {
    const deviceName = "a name";
    const deviceId = this.#known;
    if (by === "nothing") return {};
    if (by === "replace") return { deviceName, replaceDeviceId: this.#others()[0] };
    if (by === "name" || deviceId === undefined) return { deviceName };
    return by === "known" ? { deviceId } : { deviceId, deviceName };
  }

  async #makeDevice({ tries }: ActOf<"makeDevice">, caller: Caller): Promise<void> {
    if (caller.deviceId !== SHARED_DEVICE) return;
    const loginId = this.#newLoginId();
    await this.try(tries, (plan) => this.#getDevice(plan, ({ makeDevice }) => makeDevice(caller, loginId)));
  }

  async #getDevice(plan: CallPlan, ask: (functions: Functions) => Promise<Login>): Promise<Outcome<unknown>> {
    const outcome = await this.call("gets a device", plan, ask);
    if (outcome.kind === "answered") this.#use(outcome.value);
    return outcome;
  }

  #use({ caller }: Login): void {
    this.caller = caller;
    if (caller.deviceId !== SHARED_DEVICE) this.#known = caller.deviceId;
    this.#world.note(`${this.name} is on ${caller.deviceId} with ${caller.channel ?? "the first channel"}`);
    this.#holders.take(this.name, caller);
  }

  async #logOut({ tries }: ActOf<"logOut">, caller: Caller): Promise<void> {
    const outcome = await this.try(tries, (plan) => this.call("logs out", plan, ({ logOut }) => logOut(caller)));
    if (outcome?.kind === "answered") this.#drop();
  }

  async #remove({ which, how, tries }: ActOf<"remove">, caller: Caller): Promise<void> {
    const all = this.#others();
    const deviceId = all[which % Math.max(1, all.length)];
    if (deviceId === undefined) return;
    const session = this.#world.watch.mapOf(caller.userId)?.devices.find(({ id }) => id === deviceId)?.session;
    await this.try(tries, (plan) =>
      this.call(`removes ${deviceId}`, plan, ({ removeDevice, removeSession }) =>
        how === "session" && session !== undefined ? removeSession(caller, session) : removeDevice(caller, deviceId),
      ),
    );
  }

  /** Removes a device, without any trouble. */
  async removeDevice(deviceId: string): Promise<void> {
    const { caller } = this;
    if (caller === undefined) return;
    await this.call(`removes ${deviceId}`, CALM, ({ removeDevice }) => removeDevice(caller, deviceId));
  }

  /** The ids of the user's other devices, or of the own one if there are no others. */
  #others(): string[] {
    const devices = this.#world.watch.mapOf(this.user.userId)?.devices ?? [];
    const ids = devices.filter(isInUse).map(({ id }) => id);
    const others = ids.filter((id) => id !== this.caller?.deviceId);
    return others.length > 0 ? others : ids;
  }

  async #send({ message: number, to, tries }: ActOf<"send">, caller: Caller): Promise<void> {
    const { ledger } = this.#world;
    const { messageId, ...message } = { ...this.#messageOf(number, to, caller), from: keyOf(caller) };
    ledger.begin(message, this.#world.time);
    await this.try(tries, async (plan) => {
      const began = this.#world.moment;
      const outcome = await this.call(`sends ${message.content}`, plan, async ({ send }, call) => {
        await send(caller, message.receiverId, messageId, message.content);
        if (call.state === "open") ledger.accept(message, began);
      });
      const isFull = outcome.kind === "failed" && codeOf(outcome.error) === "channel_full";
      if (isFull) ledger.refusedAsFull(message.receiverId, began);
      return outcome;
    });
  }

  #messageOf(number: number, to: number, { userId }: Caller) {
    const known = this.#messages.get(number);
    if (known !== undefined) return known;
    const receiver = this.#users[to % this.#users.length] ?? this.user;
    const messageId = this.#world.newMessageId();
    const position = positionOf(messageId, userId);
    const message = {
      position,
      senderId: userId,
      receiverId: receiver.userId,
      from: "",
      content: `${this.name}-${number}`,
      messageId,
    };
    this.#messages.set(number, message);
    return message;
  }

  /** @returns Whether there may be more to fetch. */
  async sync({ hasAck, limit, isSaved, call: plan }: ActOf<"sync">, caller: Caller): Promise<boolean> {
    const { ledger } = this.#world;
    const { deviceId = SHARED_DEVICE } = caller;
    if (this.#receipt.deviceId !== deviceId) this.#receipt = { deviceId, receipt: caller.sessionId };
    const channel = keyOf(caller);
    const ack = hasAck ? this.#receipt.receipt : undefined;
    let begun: Call | undefined;
    const outcome = await this.call("syncs", plan, async ({ sync }, call) => {
      begun = call;
      const reply = await sync(caller, ack, limit);
      ledger.answered(channel, reply, call);
      return reply;
    });
    if (begun === undefined) return false;
    if (outcome.kind !== "answered") {
      if (ack === undefined) ledger.forfeit(channel, begun);
      return true;
    }
    const { receipt, messages, more, missed } = outcome.value;
    ledger.taken(channel, outcome.value);
    for (const { content, redelivered } of messages)
      this.#world.note(`${this.name} got ${content}${redelivered ? "!" : ""}`);
    if (hasAck && isSaved) this.#receipt = { deviceId, receipt };
    return messages.length > 0 || more || missed === true;
  }

  /** The first outcome that the client takes for final: an answer, or that its session is gone. */
  async try(tries: readonly CallPlan[], once: (plan: CallPlan) => Promise<Outcome<unknown>>) {
    let outcome: Outcome<unknown> | undefined;
    for (const plan of tries) {
      outcome = await once(plan);
      if (outcome.kind === "answered") return outcome;
      if (outcome.kind === "failed" && codeOf(outcome.error) !== "unavailable") return outcome;
    }
    return outcome;
  }

  /** @param isExpected Whether a problem may be answered, beside those that any call may. */
  async call<T>(
    what: string,
    plan: CallPlan,
    work: (functions: Functions, call: Call) => Promise<T>,
    isExpected: (code: string) => boolean = (code) => this.#isExpected(code, what),
  ): Promise<Outcome<T>> {
    const { ledger } = this.#world;
    const outcome = await this.#world.call(`${this.name} ${what}`, plan, work);
    if (outcome.kind !== "failed") return outcome;
    const code = codeOf(outcome.error);
    const isFine = EXPECTED.has(code) || this.#world.groups.isClosing(this.user.userId) || isExpected(code);
    const details = outcome.error instanceof Error ? outcome.error.stack : code;
    ledger.check(isFine, `ANSWERED: ${this.name} ${what}: ${details}`);
    ledger.count(code === "unavailable" ? "unavailable" : "refused");
    if (code === "invalid_token") this.#drop();
    return outcome;
  }

  #isExpected(code: string, what: string): boolean {
    if (code === "invalid_request") return what === "gets a device";
    const { isAnyClosing, isAnyBlocked } = this.#world.groups;
    return (code === "unknown_receiver" && isAnyClosing) || (code === "blocked" && isAnyBlocked);
  }

  #drop(): void {
    this.caller = undefined;
    this.#holders.drop(this.name);
  }
}

export const codeOf = (error: unknown): string => (error instanceof GoTalkError ? error.code : `${error}`);

/** The key of the channel of a session. */
export const keyOf = ({ userId, channel }: Caller): string => channelKey(userId, channel);
