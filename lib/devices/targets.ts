import type { Device, DeviceMap } from "./device-map.ts";
import { receiving } from "./skipped.ts";

export interface Sent {
  readonly receiver: DeviceMap;
  /** `undefined` where the sender's own devices are not to get it. */
  readonly sender: DeviceMap | undefined;
  /** The channel of the device that sends, as in `Device.channel`. */
  readonly senderChannel: string | undefined;
  /** The sender is the receiver; then `sender` is not looked at. */
  readonly toSelf: boolean;
  /** As `dayOf`. */
  readonly today: number;
}

export interface Targets {
  readonly receiver: readonly Device[];
  /** Of the sender, for own copies. */
  readonly own: readonly Device[];
}

/**
 * The devices that a message is put on: all of the receiver's, and the sender's other personal ones. A shared device gets no
 * own copies, or a bot that shares it would answer itself.
 *
 * To oneself: all own devices but the personal one that sends; with no other, that one. So the sending device lacks such a
 * message, though it may count as having everything: what the others have not fetched when they leave is not handed to it.
 */
export function targetsOf({ receiver, sender, senderChannel, toSelf, today }: Sent): Targets {
  const all = receiving(receiver, today);
  if (toSelf) {
    const others = all.filter(({ channel, shared }) => shared || channel !== senderChannel);
    return { receiver: others.length > 0 ? others : all, own: [] };
  }
  const own = sender === undefined ? [] : receiving(sender, today);
  return { receiver: all, own: own.filter(({ channel, shared }) => !shared && channel !== senderChannel) };
}
