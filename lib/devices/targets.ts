import type { Device, DeviceMap } from "./device-map.ts";

export interface Sent {
  readonly receiver: DeviceMap;
  /** `undefined`: no own copies, as the sender wants none or is the receiver, or the sender's account has just been deleted. */
  readonly sender: DeviceMap | undefined;
  /** The channel of the device that sends, as in `Device.channel`. */
  readonly senderChannel: string | undefined;
}

export interface Targets {
  readonly receiver: readonly Device[];
  /** Of the sender, for own copies. */
  readonly own: readonly Device[];
}

/**
 * The devices that a message is put on: all of the receiver's, and the sender's other personal ones. A shared device gets no
 * own copies, or a bot that shares it would answer itself. One that is leaving gets nothing.
 *
 * To oneself: all own devices, the one that sends included. Each counts as having what a younger one has, so a device that
 * leaves need not hand the message on.
 */
export function targetsOf({ receiver, sender, senderChannel }: Sent): Targets {
  return { receiver: staying(receiver), own: sender === undefined ? [] : othersOf(sender, senderChannel) };
}

/** All that get messages from others. */
export const staying = ({ devices }: DeviceMap): Device[] => devices.filter(({ leaving }) => !leaving);

/** Those of a sender that get own copies. */
export const othersOf = (sender: DeviceMap, senderChannel: string | undefined): Device[] =>
  staying(sender).filter(({ channel, shared }) => !shared && channel !== senderChannel);
