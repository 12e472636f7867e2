import { present } from "../channel/answer-bytes.ts";
import type { Memory } from "../channel/memory.ts";
import type { MessageStore } from "../channel/message-store.ts";
import type { SendRequest } from "../channel/sending.ts";
import { envelopeOf } from "../channel/stored-message.ts";
import { previewOf, WAKE } from "../live/live-frames.ts";
import type { FrameFor, LookUp, Wakes } from "../live/wakes.ts";
import type { Clock } from "../runtime/clock.ts";
import { channelKey, isChannelOf, positionOf } from "../runtime/ids.ts";
import { type Device, deviceOf, isInUse } from "./device-map.ts";
import type { Destination, FanOutAnswer, Route } from "./fan-out.ts";
import type { Parties } from "./parties.ts";

/** Wakes the connections of the devices on whose channels a message is new. */
type WakeOf = (sent: FanOutAnswer) => Promise<void>;

/** What the channel of a device knows of a message. Where it cannot be read, there is no preview. */
type MemoryOf = (deviceId: string) => Promise<Memory | undefined>;

/**
 * Wakes the devices that a message is new for. A repeat of a message that was delivered finds nothing in its way, and only the
 * head of the channel knows it: so the heads are read beside the puts, where a message has an id of the client's.
 *
 * A personal device gets the message with its wake: a preview. Only its own session may see it, which the map names. The map is
 * read strongly consistent, and the connections are not: one of a session that has just ended may be among them.
 *
 * A quiet message makes previews alone, and wakes nobody.
 */
export class SendWakes {
  readonly #wakes: Wakes;
  readonly #messages: Pick<MessageStore, "memoryOf">;
  readonly #now: Clock;

  constructor(wakes: Wakes, messages: Pick<MessageStore, "memoryOf">, now: Clock = Date.now) {
    this.#wakes = wakes;
    this.#messages = messages;
    this.#now = now;
  }

  /**
   * Looks up the receiver's connections in parallel to what the caller does.
   *
   * @param receiverId As the request names it.
   * @param found What is read meanwhile.
   */
  prepareReceiver(message: SendRequest, receiverId: string, found: Promise<Parties | undefined>): LookUp<WakeOf> {
    const memoryOf = async (deviceId: string): Promise<Memory | undefined> => {
      const parties = await found;
      const device = parties && deviceOf(parties.receiver.devices, deviceId);
      return device && this.#memoryOf(message, channelKey(receiverId, device.channel));
    };
    return this.#lookUp(message, receiverId, memoryOf);
  }

  /** The same for the sender's other devices: no call where there are none. */
  prepareOwn(message: SendRequest, { own }: Route): WakeOf | undefined {
    return this.lookUp(message, message.senderId, own)?.wake;
  }

  /**
   * Looks up the connections of a user. The heads are read without waiting for the connections, or the answer would wait for one
   * call more.
   *
   * @param destinations Of the message to this user.
   * @returns `undefined`, and no call, if none of them takes it.
   */
  lookUp(message: SendRequest, userId: string, destinations: readonly Destination[]): LookUp<WakeOf> | undefined {
    // Nobody listens on a dormant device, which has no id.
    const takers = destinations.filter(({ device, isFull }) => device.id !== undefined && !isFull);
    if (takers.length === 0) return undefined;
    const memories = new Map(takers.map(({ device, channel }) => [device.id, this.#memoryOf(message, channel)]));
    return this.#lookUp(message, userId, async (deviceId) => memories.get(deviceId));
  }

  #lookUp(message: SendRequest, userId: string, memoryOf: MemoryOf): LookUp<WakeOf> {
    const certain = new Set<string>();
    const { wake, ...lookUp } = this.#wakes.lookUp(userId, async (deviceId) => {
      const memory = await memoryOf(deviceId);
      if (memory === "new") certain.add(deviceId);
      return memory === "handedOut";
    });
    return {
      ...lookUp,
      wake: (sent) => {
        const destinations = sent.stored.filter(({ channel }) => isChannelOf(channel, userId));
        return wake(framesFor(message, sent, destinations, certain));
      },
    };
  }

  /**
   * Never fails: it may never be awaited, and an unhandled rejection ends the process.
   *
   * @returns `undefined` if it cannot be read.
   */
  async #memoryOf({ senderId, messageId }: SendRequest, channel: string): Promise<Memory | undefined> {
    // The server has just made an id for it.
    if (messageId === undefined) return "new";
    const message = { position: positionOf(messageId, senderId), sentAt: this.#now() };
    return this.#messages.memoryOf(channel, message).catch(() => undefined);
  }
}

/**
 * @param destinations Of one user.
 * @param certain The devices on whose channels the message is certainly no repeat, by their ids. They are known once it is asked.
 */
function framesFor(
  message: SendRequest,
  sent: FanOutAnswer,
  destinations: readonly Destination[],
  certain: ReadonlySet<string>,
): FrameFor {
  const byDevice = new Map(destinations.map((destination) => [destination.device.id, destination]));
  const wake = message.quiet ? undefined : WAKE;
  let preview: string | undefined;
  return ({ deviceId, sessionId }) => {
    const destination = byDevice.get(deviceId);
    if (destination === undefined) return undefined;
    if (!certain.has(deviceId) || !isOfDevice(sessionId, destination.device)) return wake;
    // It is the same for all devices of the user.
    preview ??= previewOf(presented(message, sent, destination)) ?? wake;
    return preview;
  };
}

/** Whether the device is a personal one, and this is the session that it has now. */
const isOfDevice = (sessionId: string, device: Device): boolean =>
  !device.shared && isInUse(device) && device.session === sessionId;

/** As a sync hands it out for the first time. */
const presented = (message: SendRequest, { messageId, sentAt }: FanOutAnswer, { to }: Destination) =>
  present({
    position: positionOf(messageId, message.senderId),
    senderName: message.senderName,
    ...to,
    ...envelopeOf(message),
    sentAt,
    redelivered: false,
  });
