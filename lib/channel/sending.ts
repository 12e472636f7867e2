import { LIMITS } from "../contract/limits.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { eachOf } from "../runtime/each-of.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { isChannelOf, newMessageId, positionOf } from "../runtime/ids.ts";
import { type Count, countNothing } from "../runtime/metrics.ts";
import type { MessageStore } from "./message-store.ts";
import { type Envelope, envelopeOf, type StoredMessage } from "./stored-message.ts";

/** A message on its way. */
export interface SendRequest extends Envelope {
  readonly senderId: string;
  readonly senderName: string;
  /** A UUIDv7 in lower case; a retry bears the same one. Without it one is made. */
  readonly messageId?: string | undefined;
}

/** A channel that a message is put on. */
export interface Target {
  /** Its key. */
  readonly channel: string;
  /** The other side of the conversation, where the sender alone does not tell it. */
  readonly to?: Required<Pick<StoredMessage, "toId" | "toName">> | undefined;
  /** As in `StoredMessage`. */
  readonly sentFrom?: string | undefined;
  /** It takes no more messages. It is skipped, and its client will be told. */
  readonly isFull?: boolean;
}

/** Whether a message becomes an own copy: the channel is the sender's own, and the message names its receiver. */
export const isOwnCopy = ({ channel, to }: Target, senderId: string): boolean =>
  to !== undefined && isChannelOf(channel, senderId);

export interface SendAnswer {
  readonly messageId: string;
  /** Now, in milliseconds since the epoch, also where an earlier try had stored the message. */
  readonly sentAt: number;
  /**
   * Those of the targets where it was not before: none, if this is a repeat. For the server alone: it would tell the sender what
   * the receiver has fetched.
   */
  readonly stored: readonly Target[];
}

/** The delivery protocol's first half: a message comes onto its channels. How it goes off each is in `delivery.ts`. */
export class Sending {
  readonly #store: MessageStore;
  readonly #now: Clock;
  readonly #count: Count;

  constructor(store: MessageStore, now: Clock, count: Count = countNothing) {
    this.#store = store;
    this.#now = now;
    this.#count = count;
  }

  /**
   * Puts a message on each of its channels, under the same position: one conditional write each, side by side. It resolves
   * once all of them are there. After a failure some may be: a retry with the same id finds those, and stores the rest.
   *
   * Another content under the id is refused only until the first is handed out. From then on it counts as a repeat. A
   * repeat puts the item back until the next sync sweeps it: if the item alone decided, its sender could find out by it
   * when the receiver syncs, again and again. The same holds for another conversation on a channel of another user. On the
   * sender's own channels another conversation is always refused: nobody else is concerned, and the copy would be missing there.
   *
   * @throws {GoTalkError} `message_id_reused`: The sender used the id for another receiver; or for another envelope, and that
   *   message was not handed out yet. On a further channel the new message may be stored all the same.
   */
  async send(request: SendRequest, targets: readonly Target[]): Promise<SendAnswer> {
    const sentAt = this.#now();
    const messageId = request.messageId ?? newMessageId(sentAt);
    const message = {
      position: positionOf(messageId, request.senderId),
      senderName: request.senderName,
      ...envelopeOf(request),
      sentAt,
      expiresAt: epochSeconds(sentAt + LIMITS.retention),
    };
    const { senderId } = request;
    const isStored = await eachOf(targets, LIMITS.putsAtOnce, (target) => this.#put(target, message, senderId));
    const stored = targets.filter((_, at) => isStored[at]);
    if (stored.some((target) => !isOwnCopy(target, senderId))) this.#count("MessagesReceived");
    return { messageId, sentAt, stored };
  }

  /** @returns Whether it was not there before. */
  async #put({ channel, to, sentFrom, isFull }: Target, message: StoredMessage, senderId: string): Promise<boolean> {
    if (isFull) {
      // It does not check whether the channel has this message already. At worst the client hears of a miss that was none.
      await this.#store.putMissed(channel, message.sentAt);
      return false;
    }
    const outcome = await this.#store.put(channel, { ...message, ...to, sentFrom });
    if (outcome === "stored" || outcome === "same") return outcome === "stored";
    const isRefused =
      (outcome === "elsewhere" && isChannelOf(channel, senderId)) ||
      (await this.#store.memoryOf(channel, message)) !== "handedOut";
    if (isRefused) throw new GoTalkError("message_id_reused");
    return false;
  }
}
