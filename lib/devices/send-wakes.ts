import type { MessageStore } from "../channel/message-store.ts";
import type { SendRequest } from "../channel/sending.ts";
import type { Wakes } from "../live/wakes.ts";
import { channelKey, positionOf } from "../runtime/ids.ts";
import type { Destination, Route } from "./fan-out.ts";
import type { Parties } from "./parties.ts";

type Message = Pick<SendRequest, "senderId" | "messageId">;

/** Wakes the connections of the devices on whose channels a message is new. */
type WakeOf = (stored: readonly Destination[]) => Promise<void>;

/**
 * Wakes the devices that a message is new for. A repeat of a message that was delivered finds nothing in its way, and only the
 * head of the channel knows it: so the heads are read beside the puts, where a message has an id of the client's.
 */
export class SendWakes {
  readonly #wakes: Wakes;
  readonly #messages: Pick<MessageStore, "hasHandedOut">;

  constructor(wakes: Wakes, messages: Pick<MessageStore, "hasHandedOut">) {
    this.#wakes = wakes;
    this.#messages = messages;
  }

  /**
   * Looks up the receiver's connections in parallel to what the caller does.
   *
   * @param receiverId As the request names it.
   * @param found What is read meanwhile.
   */
  prepareReceiver(message: Message, receiverId: string, found: Promise<Parties | undefined>): WakeOf {
    const isRepeat = async (deviceId: string): Promise<boolean> => {
      const devices = (await found)?.receiver.devices.devices;
      const device = devices?.find(({ id }) => id === deviceId);
      return device !== undefined && this.#hasHandedOut(message, channelKey(receiverId, device.channel));
    };
    const wake = this.#wakes.prepare(receiverId, isRepeat);
    return (stored) => wake(isOf(stored.filter(({ copyOf }) => copyOf === undefined)));
  }

  /**
   * The same for the sender's other devices: no call where there are none. Their heads are read without waiting for the
   * connections, or the answer would wait for one call more.
   */
  prepareOwn(message: Message, { own }: Route): WakeOf | undefined {
    const takers = own.filter(({ isFull }) => !isFull);
    if (takers.length === 0) return undefined;
    const repeats = new Map(takers.map(({ device, channel }) => [device.id, this.#isKnown(message, channel)]));
    const wake = this.#wakes.prepare(message.senderId, async (deviceId) => repeats.get(deviceId) ?? false);
    return (stored) => wake(isOf(stored.filter(({ copyOf }) => copyOf !== undefined)));
  }

  async #hasHandedOut({ senderId, messageId }: Message, channel: string): Promise<boolean> {
    return messageId !== undefined && this.#messages.hasHandedOut(channel, positionOf(messageId, senderId));
  }

  /** The same, and false where it cannot be read: nobody may ask for the outcome. */
  #isKnown(message: Message, channel: string): Promise<boolean> {
    return this.#hasHandedOut(message, channel).catch(() => false);
  }
}

const isOf = (destinations: readonly Destination[]): ((deviceId: string) => boolean) => {
  const ids = new Set(destinations.map(({ device }) => device.id));
  return (deviceId) => ids.has(deviceId);
};
