import type { SendAnswer, SendRequest } from "../channel/sending.ts";
import { isGroupId } from "../contract/groups.ts";
import { LIMITS } from "../contract/limits.ts";
import { GROUP_EVENT } from "../contract/message-type.ts";
import { isInUse } from "../devices/device-map.ts";
import type { Destination } from "../devices/fan-out.ts";
import { LocalRate } from "../rates/rate.ts";
import { bestEffort } from "../runtime/best-effort.ts";
import type { Clock } from "../runtime/clock.ts";
import { ownerOf } from "../runtime/ids.ts";
import type { Dispatch } from "./dispatch.ts";
import { beginningOf, mentionsIn } from "./push-content.ts";
import type { PushEvent, PushTarget } from "./push-event.ts";

/** Hands over what is due, once the message is stored. Never fails, and takes `LIMITS.push.handOverTime` at most. */
type HandOver = (sent: SendAnswer) => Promise<void>;

const NOBODY: Promise<ReadonlySet<string>> = Promise.resolve(new Set());

interface Subscribed {
  readonly destination: Destination;
  readonly target: PushTarget;
}

/**
 * Tells devices that are not connected of a message, by push: the function `send` decides which, and hands them to the function `push`,
 * which does the rest. Delivery does not depend on it, so nothing here ever fails.
 *
 * A quiet message disturbs nobody, and neither does a change of a group. A repeat is told to nobody.
 */
export class Pushes {
  readonly #dispatch: Dispatch;
  readonly #rate: LocalRate;

  constructor(dispatch: Dispatch, now: Clock) {
    this.#dispatch = dispatch;
    this.#rate = new LocalRate(LIMITS.push.ofDevice, now);
  }

  /**
   * Begins to connect to Lambda beside what the caller does, if some device is to be told.
   *
   * @param destinations Of the message, without the devices that are told in no case.
   * @param connected The ids of the devices that have connections. It never rejects.
   * @returns `undefined` if no device is to be told: no call then.
   */
  prepare(message: SendRequest, destinations: readonly Destination[], connected = NOBODY): HandOver | undefined {
    if (message.quiet || message.type === GROUP_EVENT) return undefined;
    const subscribed = destinations.flatMap(subscribedOf);
    if (subscribed.length === 0) return undefined;
    const due = connected.then((ids) => subscribed.filter(({ target }) => this.#isDue(target, ids)));
    const opened = due.then((some) => (some.length > 0 ? this.#dispatch.open() : undefined));
    return (sent) =>
      bestEffort("hand over a push", LIMITS.push.handOverTime, async () => {
        const stored = (await due).filter(({ destination }) => sent.stored.includes(destination));
        const invocation = await opened;
        if (stored.length === 0) invocation?.close();
        else await invocation?.send(eventOf(message, sent, stored));
      });
  }

  #isDue({ deviceId }: PushTarget, connected: ReadonlySet<string>): boolean {
    return !connected.has(deviceId) && this.#rate.consume(deviceId) === 0;
  }
}

function subscribedOf(destination: Destination): Subscribed[] {
  const { device, channel, isFull } = destination;
  if (!device.push || device.session === undefined || !isInUse(device) || isFull) return [];
  return [
    { destination, target: { userId: ownerOf(channel), deviceId: device.id, sessionId: device.session, channel } },
  ];
}

/** The receiver's own copy would name the receiver; of a group every copy names the group. */
function eventOf(message: SendRequest, sent: SendAnswer, stored: readonly Subscribed[]): PushEvent {
  const { senderId, senderName, type = "text", content } = message;
  const { messageId, sentAt } = sent;
  const text = type === "text" ? beginningOf(content) : undefined;
  const to = stored[0]?.destination.to;
  const mentions = type === "text" && isGroupId(to?.toId ?? "") ? mentionsIn(content) : undefined;
  return {
    push: {
      message: { messageId, senderId, senderName, ...to, text, mentions, sentAt },
      targets: stored.map(({ target }) => target),
      tries: 0,
    },
  };
}
