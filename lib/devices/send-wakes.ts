import { present } from "../channel/answer-bytes.ts";
import type { Memory, MessageStore } from "../channel/message-store.ts";
import type { SendRequest } from "../channel/sending.ts";
import { previewOf, WAKE } from "../live/live-frames.ts";
import type { FrameFor, Wakes } from "../live/wakes.ts";
import type { Clock } from "../runtime/clock.ts";
import { channelKey, positionOf } from "../runtime/ids.ts";
import { type Device, isInUse } from "./device-map.ts";
import type { Destination, FanOutAnswer, Route } from "./fan-out.ts";
import type { Parties } from "./parties.ts";

type Message = Omit<SendRequest, "receiverId">;

/** Wakes the connections of the devices on whose channels a message is new. */
type WakeOf = (sent: FanOutAnswer) => Promise<void>;

/**
 * Wakes the devices that a message is new for. A repeat of a message that was delivered finds nothing in its way, and only the
 * head of the channel knows it: so the heads are read beside the puts, where a message has an id of the client's.
 *
 * A personal device gets the message with its wake: a preview. Only its own session may see it, which the map names. The map is
 * read strongly consistent, and the connections are not: one of a session that has just ended may be among them.
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
  prepareReceiver(message: Message, receiverId: string, found: Promise<Parties | undefined>): WakeOf {
    const memoryOf = async (deviceId: string): Promise<Memory | undefined> => {
      const devices = (await found)?.receiver.devices.devices;
      const device = devices?.find(({ id }) => id === deviceId);
      return device && this.#memoryOf(message, channelKey(receiverId, device.channel));
    };
    return this.#prepare(message, receiverId, memoryOf, ({ copyOf }) => copyOf === undefined);
  }

  /**
   * The same for the sender's other devices: no call where there are none. Their heads are read without waiting for the
   * connections, or the answer would wait for one call more.
   */
  prepareOwn(message: Message, { own }: Route): WakeOf | undefined {
    const takers = own.filter(({ isFull }) => !isFull);
    if (takers.length === 0) return undefined;
    const memories = new Map(takers.map(({ device, channel }) => [device.id, this.#memoryOf(message, channel)]));
    // Nobody may ask for the outcome, and a rejection that nobody handles ends the process.
    for (const memory of memories.values()) memory.catch(() => undefined);
    const memoryOf = async (deviceId: string): Promise<Memory | undefined> => memories.get(deviceId);
    return this.#prepare(message, message.senderId, memoryOf, ({ copyOf }) => copyOf !== undefined);
  }

  /** @param memoryOf What the channel of a device knows of the message. Where it cannot be read, there is no preview. */
  #prepare(
    message: Message,
    userId: string,
    memoryOf: (deviceId: string) => Promise<Memory | undefined>,
    isFor: (destination: Destination) => boolean,
  ): WakeOf {
    const certain = new Set<string>();
    const wake = this.#wakes.prepare(userId, async (deviceId) => {
      const memory = await memoryOf(deviceId);
      if (memory === "new") certain.add(deviceId);
      return memory === "handedOut";
    });
    return (sent) => wake(framesFor(message, sent, sent.stored.filter(isFor), certain));
  }

  async #memoryOf({ senderId, messageId }: Message, channel: string): Promise<Memory> {
    // The server has just made an id for it.
    if (messageId === undefined) return "new";
    return this.#messages.memoryOf(channel, { position: positionOf(messageId, senderId), sentAt: this.#now() });
  }
}

/**
 * @param destinations Of one user.
 * @param certain The devices on whose channels the message is certainly no repeat, by their ids. They are known once it is asked.
 */
function framesFor(
  message: Message,
  sent: FanOutAnswer,
  destinations: readonly Destination[],
  certain: ReadonlySet<string>,
): FrameFor {
  const devices = new Map(destinations.map(({ device }) => [device.id, device]));
  let preview: string | undefined;
  return ({ deviceId, sessionId }) => {
    const device = devices.get(deviceId);
    if (device === undefined) return undefined;
    if (!certain.has(deviceId) || !isOfDevice(sessionId, device)) return WAKE;
    preview ??= previewOf(presented(message, sent, destinations[0]));
    return preview;
  };
}

/** Whether the device is a personal one, and this is the session that it has now. */
const isOfDevice = (sessionId: string, device: Device): boolean =>
  !device.shared && isInUse(device) && device.session === sessionId;

/** As a sync hands it out for the first time. */
const presented = (
  { senderId, senderName, content }: Message,
  { messageId, sentAt }: FanOutAnswer,
  destination: Destination | undefined,
) =>
  present({
    position: positionOf(messageId, senderId),
    senderName,
    ...destination?.copyOf,
    content,
    sentAt,
    redelivered: false,
  });
