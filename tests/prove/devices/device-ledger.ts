import { isDeepStrictEqual } from "node:util";
import { type Head, NO_HEAD } from "../../../lib/channel/head.ts";
import type { StoredMessage } from "../../../lib/channel/stored-message.ts";
import { isGroupId } from "../../../lib/contract/groups.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { type Device, type DeviceMap, isInUse } from "../../../lib/devices/device-map.ts";
import { channelKey, fingerprintOf, type Position, positionOf } from "../../../lib/runtime/ids.ts";
import { isInOrder } from "../../support/ledger.ts";
import type { Call } from "./call.ts";
import type { SyncReply } from "./functions.ts";
import type { Watch } from "./watch.ts";

/** A message, as its sender knows it. */
export interface SentByUser {
  readonly position: Position;
  readonly senderId: string;
  /** A user, or a group. */
  readonly receiverId: string;
  /** The key of the channel of the device that sends it. Empty: no device gets less for that. */
  readonly from: string;
  readonly content: string;
}

/** One try to send it that was answered 202, and one of those whom it has to reach. */
interface Accepted extends SentByUser {
  readonly userId: string;
  /** The moment before the try began. */
  readonly began: number;
  /** When its first try began, as a repeat keeps it no longer: milliseconds since the epoch, by the slowest clock. */
  readonly at: number;
  /** No answer says so where all channels of a user are full. */
  readonly isUnanswered: boolean;
}

/** Whom a message to a group has to reach. */
interface Reach {
  readonly userIds: readonly string[];
  /** The sender's other devices. */
  readonly copies: boolean;
  readonly isUnanswered?: boolean;
}

/** A message on one channel. */
interface OnChannel {
  /** The channel that it was copied from when that was left, and when. */
  readonly copied: { readonly from: string; readonly moment: number } | undefined;
  /** It was put there as one that was handed out before. */
  readonly wasOut: boolean;
  /** The writes of the channel's head that name it as handed out, by their calls; and whether the call was told. */
  readonly heads: { readonly call: Call; readonly told: boolean }[];
  /** The calls whose writes of the head have settled it. */
  readonly settledBy: Call[];
  /** How many answers had it as new. */
  asNew: number;
  /** A client has got it. */
  isTaken: boolean;
}

/** What was told of a channel that was full. */
interface Skips {
  /** The last one, as a moment. */
  at: number;
  readonly expiresAt: number;
  isTold: boolean;
}

/** What a message on a channel of a user has as its receiver. */
function toOf({ senderId, receiverId }: SentByUser, user: string): string | undefined {
  return isGroupId(receiverId) || (senderId === user && receiverId !== user) ? receiverId : undefined;
}

/** By the key of a channel. */
export const userOf = (channel: string): string =>
  channel.slice(0, channel.includes("/") ? channel.indexOf("/") : undefined);

/** The device with a channel. */
export const deviceOn = (map: DeviceMap | undefined, channel: string): Device | undefined =>
  map?.devices.find((device) => channelKey(userOf(channel), device.channel) === channel);

/**
 * Compares what senders were told with what each device got. What holds, and where its exceptions are, is in docs/proof.md under
 * the same names.
 */
export class DeviceLedger {
  readonly failures: string[] = [];
  readonly #watch: Watch;
  readonly #moment: () => number;
  readonly #sent = new Map<Position, SentByUser>();
  /** By receiver and position. */
  readonly #firstTries = new Map<string, number>();
  readonly #accepted: Accepted[] = [];
  readonly #copied: Accepted[] = [];
  readonly #deleted = new Set<string>();
  /** By channel. */
  readonly #channels = new Map<string, Map<Position, OnChannel>>();
  readonly #positions = new Map<string, Position>();
  readonly #heads = new Map<string, Head>();
  readonly #skips = new Map<string, Skips>();
  readonly #filled = new Set<string>();
  /** Syncs without `ack` whose answers nobody got. What they settle is gone, as the contract says. */
  readonly #unheard = new Set<Call>();
  readonly #unheardOn = new Set<string>();
  readonly #counts: Record<string, number> = {};

  constructor(watch: Watch, moment: () => number) {
    this.#watch = watch;
    this.#moment = moment;
  }

  /** In how many cases something happened in this run. */
  get counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  count(what: string, by = 1): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + by;
  }

  /** What does not hold is kept for the end of the run. */
  check(holds: boolean, otherwise: string): void {
    if (!holds) this.failures.push(otherwise);
  }

  /** @param at In milliseconds since the epoch, by the slowest clock. */
  begin(message: SentByUser, at: number): void {
    this.#sent.set(message.position, message);
    const key = `${message.receiverId} ${message.position}`;
    if (!this.#firstTries.has(key)) this.#firstTries.set(key, at);
    this.#positions.set(fingerprintOf(message.position), message.position);
  }

  /** @param began The moment at which the try began. */
  accept(
    message: SentByUser,
    began: number,
    { userIds, copies, isUnanswered = false }: Reach = { userIds: [message.receiverId], copies: true },
  ): void {
    const at = this.#firstTries.get(`${message.receiverId} ${message.position}`);
    if (at === undefined) throw new Error(`never begun: ${message.content}`);
    const accepted = { ...message, began, at, isUnanswered };
    for (const userId of userIds) this.#accepted.push({ ...accepted, userId });
    if (copies) this.#copied.push({ ...accepted, userId: message.senderId });
    this.count("accepted");
  }

  /** An account was deleted. Nothing more is due to it. */
  deleted(userId: string): void {
    this.#deleted.add(userId);
  }

  /** A message was put on a channel where it was not. */
  put(channel: string, message: StoredMessage, call: Call): void {
    const { position, wasOut } = message;
    const { source } = call;
    this.#checkOwn(channel, message, call);
    const isHandOver = source !== undefined && this.#isLeft(source);
    if (source !== undefined) this.count(isHandOver ? "handedOver" : "takenAlong");
    if (wasOut) {
      const before = source === undefined ? undefined : this.#on(source).get(position);
      this.check(
        before !== undefined && (before.heads.length > 0 || before.wasOut),
        `ONCE: ${position} was put on ${channel} as handed out before, and was not`,
      );
      this.count("handedOverFlagged");
    }
    const known = this.#on(channel).get(position);
    if (known !== undefined) return;
    this.#on(channel).set(position, {
      copied: isHandOver ? { from: source, moment: this.#moment() } : undefined,
      wasOut: wasOut === true,
      heads: [],
      settledBy: [],
      asNew: 0,
      isTaken: false,
    });
  }

  #checkOwn(channel: string, { position, toId }: StoredMessage, { source, moment }: Call): void {
    const user = userOf(channel);
    const sent = this.#sent.get(position);
    this.check(sent !== undefined, `OWN: ${position} was put on ${channel}, and never sent`);
    if (sent === undefined) return;
    this.check(toId === toOf(sent, user), `OWN: ${position} on ${channel} with the receiver ${toId}`);
    const isTheirs = isGroupId(sent.receiverId) || [sent.senderId, sent.receiverId].includes(user);
    this.check(isTheirs, `OWN: ${position} on ${channel}, and sent to ${sent.receiverId}`);
    const isCopy = sent.senderId === user && sent.receiverId !== user;
    const wasShared = deviceOn(this.#watch.mapAt(user, moment), channel)?.shared;
    const isShared = deviceOn(this.#watch.mapOf(user), channel)?.shared;
    // A device that waits for the next login may become the shared one, and keeps what it has or is given as an heir.
    const isSentThere = isCopy && source === undefined;
    this.check(!isSentThere || !wasShared || !isShared, `OWN: an own copy on the shared device: ${position}`);
  }

  /** @returns Whether nothing but its name is new. */
  headWritten(channel: string, head: Head, call: Call, told: boolean): boolean {
    const earlier = this.#heads.get(channel) ?? NO_HEAD;
    const before = new Set(earlier.settled);
    const settled = head.settled.filter((fingerprint) => !before.has(fingerprint));
    const positions = settled.map((fingerprint) => this.#positions.get(fingerprint)).filter((one) => one !== undefined);
    this.#heads.set(channel, head);
    for (const position of positions) this.#on(channel).get(position)?.settledBy.push(call);
    for (const position of [...head.outstanding, ...positions])
      this.#on(channel).get(position)?.heads.push({ call, told });
    return isDeepStrictEqual({ ...head, lineage: "" }, { ...earlier, lineage: "" });
  }

  /** A channel was full, and a message skipped it. @param expiresAt When nobody is told any more, in epoch seconds. */
  skipped(channel: string, expiresAt: number): void {
    this.#skips.set(channel, { at: this.#moment(), expiresAt, isTold: false });
    this.count("skipped");
  }

  /** A channel counts as full from now on. */
  filled(channel: string): void {
    this.#filled.add(channel);
  }

  /** A send was refused, as all channels of the receiver are full. @param began The moment at which it began. */
  refusedAsFull(userId: string, began: number): void {
    const free = this.#stayed(userId, began)
      .map(({ channel }) => channelKey(userId, channel))
      .filter((channel) => !this.#filled.has(channel));
    this.check(free.length === 0, `FULL: a send was refused, and there was room on ${free}`);
    this.count("refusedAsFull");
  }

  /** A sync has returned an answer, whether or not anybody waits for it. */
  answered(channel: string, { messages, missed }: SyncReply, call: Call): void {
    const positions = messages.map(({ messageId, senderId }) => positionOf(messageId, senderId));
    this.check(isInOrder(positions), `OWN: a batch is out of order: ${positions}`);
    for (const [at, { redelivered, content, toId }] of messages.entries()) {
      const position = positions[at] as Position;
      const sent = this.#sent.get(position);
      const one = this.#on(channel).get(position);
      this.check(sent?.content === content, `OWN: ${position} on ${channel} with another content`);
      this.check(toId === (sent && toOf(sent, userOf(channel))), `OWN: ${position} names the receiver ${toId}`);
      if (one === undefined) this.check(false, `OWN: ${position} is handed out by ${channel}, and was never put there`);
      else if (redelivered) this.#checkReason(one, call, `${position} on ${channel}`);
      else {
        one.asNew++;
        this.#checkNew(channel, position);
      }
    }
    const skips = this.#skips.get(channel);
    if (missed && skips !== undefined) this.count("toldMissed");
    this.check(
      !missed || skips !== undefined,
      `REACHED: ${channel} says that it has missed messages, and has missed none`,
    );
  }

  /** A client has the answer. */
  taken(channel: string, { messages, missed }: SyncReply): void {
    for (const { messageId, senderId } of messages) {
      const one = this.#on(channel).get(positionOf(messageId, senderId));
      if (one === undefined) continue;
      if (one.isTaken) this.count("repeats");
      one.isTaken = true;
    }
    this.count("deliveries", messages.length);
    const skips = this.#skips.get(channel);
    if (missed && skips !== undefined) skips.isTold = true;
  }

  /** The client of a sync without `ack` did not get its answer. It may have said that messages were missed. */
  forfeit(channel: string, call: Call): void {
    this.#unheard.add(call);
    this.#unheardOn.add(channel);
  }

  /**
   * To be called when the last login by a name has fetched what it finds. What was on a personal device when it was answered has to
   * be among that, or fetched before; unless that device has become the shared one since.
   *
   * @param now By the slowest clock.
   */
  checkFound(userId: string, now: number): void {
    for (const accepted of this.#accepted) {
      const { position, began, at } = accepted;
      if (accepted.userId !== userId || at + LIMITS.retention <= now + LIMITS.clocksApart) continue;
      if (this.#isMissed(accepted)) continue;
      const channels = this.#channelsOf(userId, position);
      const then = this.#watch.mapAt(userId, began);
      const hadPersonal = channels.some((channel) => {
        const device = deviceOn(then, channel);
        return device !== undefined && !device.shared;
      });
      if (!hadPersonal || channels.some((channel) => this.#hasBecomeShared(channel, began))) continue;
      const isFound = channels.some((channel) => this.#isDone(this.#on(channel).get(position)));
      this.check(isFound, `KEPT: ${position} was on a personal device, and the next login by a name does not find it`);
    }
  }

  /** It was personal, and a login that names nothing has taken it. */
  #hasBecomeShared(channel: string, since: number): boolean {
    const devices = this.#mapsSince(userOf(channel), since).map((map) => deviceOn(map, channel));
    return devices.some((device, at) => device?.shared && devices[at - 1] !== undefined && !devices[at - 1]?.shared);
  }

  /** To be called when everybody has fetched what there is. @param now By the slowest clock. */
  close(now: number): void {
    const isDue = ({ userId, at }: Accepted): boolean =>
      at + LIMITS.retention > now + LIMITS.clocksApart && !this.#deleted.has(userId);
    for (const accepted of this.#accepted.filter(isDue)) {
      this.#checkKept(accepted);
      this.#checkReached(accepted);
    }
    for (const copied of this.#copied.filter(isDue)) this.#checkCopies(copied);
    for (const [channel, { isTold, at, expiresAt }] of this.#skips) {
      if (1_000 * expiresAt <= now + LIMITS.clocksApart || this.#deleted.has(userOf(channel))) continue;
      const isThere = deviceOn(this.#watch.mapOf(userOf(channel)), channel) !== undefined;
      this.check(
        isTold || !isThere || this.#unheardOn.has(channel),
        `REACHED: ${channel} was skipped at ${at}, and its client was never told`,
      );
    }
  }

  /** All channels of the user may have been full, and nobody was answered so. Its clients are told that they miss something. */
  #isMissed({ userId, began, isUnanswered }: Accepted): boolean {
    const skipped = [...this.#skips].filter(([channel, { at }]) => userOf(channel) === userId && at >= began);
    return isUnanswered && skipped.length > 0;
  }

  #checkKept(accepted: Accepted): void {
    if (this.#isMissed(accepted)) return;
    const { position, userId } = accepted;
    const channels = this.#channelsOf(userId, position);
    if (channels.some((channel) => this.#isDone(this.#on(channel).get(position)))) return;
    this.check(false, `KEPT: ${position} was answered 202, and nobody can fetch it. It was on ${channels}`);
  }

  #checkReached({ position, userId, began }: Accepted): void {
    for (const device of this.#stayed(userId, began)) {
      const channel = channelKey(userId, device.channel);
      if (!this.#wasSkipped(channel, began)) this.#checkOn(channel, position);
    }
  }

  #checkCopies({ position, receiverId, senderId, from, began }: Accepted): void {
    if (senderId === receiverId) return;
    for (const device of this.#stayed(senderId, began)) {
      const channel = channelKey(senderId, device.channel);
      if (channel === from || this.#wasShared(senderId, device, began) || this.#wasSkipped(channel, began)) continue;
      this.#checkOn(channel, position);
      this.count("ownCopies");
    }
  }

  #checkOn(channel: string, position: Position): void {
    const one = this.#on(channel).get(position);
    this.check(this.#isDone(one), `REACHED: ${position} ${one ? "was not fetched from" : "is not on"} ${channel}`);
  }

  /** A client has it, or would have it if it had shown an `ack`. */
  #isDone(one: OnChannel | undefined): boolean {
    return one !== undefined && (one.isTaken || one.settledBy.some((call) => this.#unheard.has(call)));
  }

  /** The devices that were there at a moment, and are there still. A channel never comes back. */
  #stayed(userId: string, moment: number): Device[] {
    const now = this.#watch.mapOf(userId)?.devices ?? [];
    const then = this.#watch.mapAt(userId, moment)?.devices ?? [];
    return then.filter(({ channel }) => now.some((device) => device.channel === channel && !device.leaving));
  }

  /** A device may lack a message that came when it was full. Its client is told. */
  #wasSkipped(channel: string, began: number): boolean {
    const skips = this.#skips.get(channel);
    return skips !== undefined && skips.at >= began;
  }

  /** Also since: the copies of a repeat are those of the map that it read. */
  #wasShared(userId: string, { channel }: Device, began: number): boolean {
    return this.#mapsSince(userId, began).some(({ devices }) =>
      devices.some((device) => device.channel === channel && device.shared),
    );
  }

  /** The map as it was at a moment, and all later ones. */
  #mapsSince(userId: string, began: number): DeviceMap[] {
    const maps = this.#watch.mapsOf(userId);
    const first = maps.findLastIndex(({ moment }) => moment <= began);
    return maps.slice(Math.max(0, first)).map(({ map }) => map);
  }

  /**
   * A channel hands a message out as new once; and if it has come from one that was left, neither has that one. A channel that was
   * to be left and that a device is on again counts by itself, also when it is left later: the copy stays with the other device,
   * and each of the two has the message once.
   */
  #checkNew(channel: string, position: Position): void {
    let asNew = 0;
    let isCounted = true;
    const seen = new Set<string>();
    for (let at: string | undefined = channel; at !== undefined && !seen.has(at); ) {
      seen.add(at);
      const one: OnChannel | undefined = this.#on(at).get(position);
      if (isCounted) asNew += one?.asNew ?? 0;
      isCounted = one?.copied !== undefined && !this.#isUsedSince(one.copied.from, one.copied.moment);
      at = one?.copied?.from;
    }
    this.check(asNew <= 1, `ONCE: ${position} came ${asNew} times as new, by ${[...seen]}`);
  }

  /** A device was on the channel at some time since. */
  #isUsedSince(channel: string, since: number): boolean {
    return this.#mapsSince(userOf(channel), since).some((map) => {
      const device = deviceOn(map, channel);
      return device !== undefined && isInUse(device);
    });
  }

  /** A message is flagged where an earlier answer may have had it, here or on the channel that it has come from. */
  #checkReason({ heads, wasOut }: OnChannel, call: Call, what: string): void {
    const isKnown = heads.some((head) => head.call !== call || !head.told);
    this.check(wasOut || isKnown || heads.length > 1, `ONCE: flagged without reason: ${what}`);
    this.count("redelivered");
  }

  #isLeft(channel: string): boolean {
    const device = deviceOn(this.#watch.mapOf(userOf(channel)), channel);
    return device === undefined || device.ending === true;
  }

  #channelsOf(userId: string, position: Position): string[] {
    return [...this.#channels].filter(([key, on]) => userOf(key) === userId && on.has(position)).map(([key]) => key);
  }

  #on(channel: string): Map<Position, OnChannel> {
    const on = this.#channels.get(channel) ?? new Map<Position, OnChannel>();
    this.#channels.set(channel, on);
    return on;
  }
}
