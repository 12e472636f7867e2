import type { ChannelBound } from "../channel/channel-bound.ts";
import { type Backlog, backlogOf } from "../channel/profiles.ts";
import type { SendAnswer, Sending, SendRequest, Target } from "../channel/sending.ts";
import { LIMITS } from "../contract/limits.ts";
import { type GoTalkError, Unavailable } from "../runtime/errors.ts";
import { channelKey } from "../runtime/ids.ts";
import { type Device, type DeviceMap, dayOf } from "./device-map.ts";
import type { Devices } from "./device-store.ts";
import type { Parties, Party } from "./parties.ts";
import { targetsOf } from "./targets.ts";

/** A device that a message goes to. */
export interface Destination extends Target {
  readonly device: Device;
}

/** Where a message goes. */
export interface Route {
  readonly receiver: readonly Destination[];
  /** Other devices of the sender. */
  readonly own: readonly Destination[];
}

export interface FanOutAnswer extends SendAnswer {
  readonly stored: readonly Destination[];
}

interface Checked {
  /** `undefined`: the channel is not full. */
  readonly refusal: GoTalkError | undefined;
  readonly destination: Destination;
}

interface Parts {
  readonly sending: Sending;
  readonly channelBound: ChannelBound;
  readonly devices: Devices;
}

/**
 * Sends a message to every device of the receiver and to the sender's other ones. Each channel is by itself, as `delivery.ts`
 * describes it: here is only which ones a message is put on, and what becomes of a full one.
 */
export class FanOut {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * No call, unless chance has a channel counted, see `ChannelBound`.
   *
   * @param senderChannel Of the device that sends, as in `Caller`.
   * @param copies Whether the sender's other devices get own copies.
   * @throws {GoTalkError} `channel_full`: All channels of the receiver are. A full one of the sender's own refuses nothing.
   */
  async route({ receiver, sender }: Parties, senderChannel: string | undefined, copies = true): Promise<Route> {
    const getsCopies = copies && sender?.id !== receiver.id;
    const targets = targetsOf({
      receiver: receiver.devices,
      sender: getsCopies ? sender?.devices : undefined,
      senderChannel,
    });
    const to = { toId: receiver.id, toName: receiver.username };
    const from = sentFrom(sender, senderChannel);
    const [toReceiver, toSender] = await Promise.all([
      this.check(receiver, targets.receiver),
      sender ? this.check(sender, targets.own) : [],
    ]);
    const refusals = toReceiver.map(({ refusal }) => refusal).filter((refusal) => refusal !== undefined);
    if (refusals.length === toReceiver.length) throw soonest(refusals) ?? new Unavailable("no device takes messages");
    return {
      receiver: toReceiver.map(({ destination }) => destination),
      own: toSender.map(({ destination }) => ({ ...destination, to, sentFrom: from })),
    };
  }

  /**
   * Puts the message on every channel of the route. A full one is skipped, and its client will be told.
   *
   * A skipped device lacks a message from then on, and no younger one that leaves may rely on it. So the map marks it, once for
   * each device. A send changes the map for nothing else.
   *
   * The map is read once more after the puts, also where the mark is there already. The message has to be on a device that stays:
   * that one hands it on when it leaves. See {@link isHeld}.
   *
   * @returns What {@link Sending.send} does.
   * @throws {GoTalkError} What {@link Sending.send} does.
   * @throws {Unavailable} Some of it may be stored. The same message can be sent again: what is there is found, the rest is
   *   stored.
   */
  async send(message: SendRequest, { receiver, sender }: Parties, route: Route): Promise<FanOutAnswer> {
    const destinations = [...route.receiver, ...route.own];
    const sent = await this.#parts.sending.send(message, destinations);
    await Promise.all([
      this.markMissed(receiver, route.receiver, true),
      sender && this.markMissed(sender, route.own, false),
    ]);
    return { ...sent, stored: destinations.filter((one) => sent.stored.includes(one)) };
  }

  /**
   * The channels of some devices of a user, and which of them are full. No call, unless chance has a channel counted.
   *
   * @returns For each where a message goes, and what a full one refuses.
   */
  async check({ id, stored }: Party, devices: readonly Device[]): Promise<Checked[]> {
    return Promise.all(
      devices.map(async (device) => {
        const backlog = backlogOf(id, stored, device.channel);
        const refusal = await this.#parts.channelBound.refusalOf(backlog, isUnread(device, backlog));
        const channel = channelKey(id, device.channel);
        return { refusal, destination: { device, channel, isFull: refusal !== undefined } };
      }),
    );
  }

  /**
   * Marks the devices of a user that were skipped, see {@link FanOut.send}. No call where nothing was skipped.
   *
   * @param isKept The message must be on a device that stays: it may be nowhere else.
   */
  async markMissed({ id }: Party, destinations: readonly Destination[], isKept: boolean): Promise<void> {
    const devicesOf = (full: boolean) =>
      destinations.filter(({ isFull }) => isFull === full).map(({ device }) => device);
    const [skipped, reached] = [devicesOf(true), devicesOf(false)];
    const isMarked = skipped.every(({ missed }) => missed);
    if (skipped.length === 0 || (isMarked && !isKept)) return;
    await this.#parts.devices.change(id, (map) => {
      if (isKept && !isHeld(map, reached)) {
        throw new Unavailable("the devices that the message was put on have left");
      }
      return { map: withMissed(map, skipped) };
    });
  }
}

/**
 * Whether a device that lacks a message was not read since its channel was counted: the first sync of a day notes the day, and
 * it was counted on a later one.
 */
const isUnread = ({ missed, seen }: Device, { countedAt }: Backlog): boolean =>
  missed === true && dayOf(countedAt - LIMITS.clocksApart) > seen;

/** What `StoredMessage.sentFrom` says. Several clients may send from the shared device, so it says none of them. */
export function sentFrom(sender: Party | undefined, senderChannel: string | undefined): string | undefined {
  const isShared = sender?.devices.devices.some(({ shared, channel }) => shared && channel === senderChannel);
  return sender === undefined || isShared ? undefined : channelKey(sender.id, senderChannel);
}

/**
 * Whether a message is on a device that stays, given the devices that it was put on. If a personal one was among them, it has to
 * be on a personal one: no login by a name finds what waits on the shared device alone.
 */
function isHeld({ devices }: DeviceMap, reached: readonly Device[]): boolean {
  const holding = devices.filter((device) => !device.leaving && isIn(reached, device));
  return reached.every(({ shared }) => shared) ? holding.length > 0 : holding.some(({ shared }) => !shared);
}

/** By the channel, which is never used again. A device may have the `came` of one that has left. */
const isIn = (devices: readonly Device[], { channel }: Device): boolean =>
  devices.some((one) => one.channel === channel);

/** The same map if all of them are marked already. */
function withMissed(map: DeviceMap, skipped: readonly Device[]): DeviceMap {
  const isNew = (device: Device): boolean => !device.missed && isIn(skipped, device);
  if (!map.devices.some(isNew)) return map;
  return { ...map, devices: map.devices.map((device) => (isNew(device) ? { ...device, missed: true } : device)) };
}

/** The refusal that ends first. */
const soonest = (refusals: readonly GoTalkError[]): GoTalkError | undefined =>
  refusals.toSorted((one, other) => (one.retryAfter ?? 0) - (other.retryAfter ?? 0))[0];
