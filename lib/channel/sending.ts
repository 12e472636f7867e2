import { LIMITS } from "../contract/limits.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { newMessageId, positionOf } from "../runtime/ids.ts";
import { type Count, countNothing } from "../runtime/metrics.ts";
import type { MessageStore } from "./message-store.ts";

/** A message on its way to `receiverId`. */
export interface SendRequest {
  readonly receiverId: string;
  readonly senderId: string;
  readonly senderName: string;
  readonly content: string;
  /** A UUIDv7 in lower case; a retry bears the same one. Without it one is made. */
  readonly messageId?: string | undefined;
}

export interface SendAnswer {
  readonly messageId: string;
  /** Now, in milliseconds since the epoch, also where an earlier try had stored the message. */
  readonly sentAt: number;
  /** The message waits there already. For the server alone: it would tell the sender what the receiver has fetched. */
  readonly duplicate: boolean;
}

/** The delivery protocol's first half: a message comes onto a channel. How it goes off is in `delivery.ts`. */
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
   * Puts a message on the receiver's channel: one conditional write.
   *
   * Another content under the id is refused only until the first is handed out. From then on it counts as a repeat. A
   * repeat puts the item back until the next sync sweeps it: if the item alone decided, its sender could find out by it
   * when the receiver syncs, again and again.
   *
   * @throws {GoTalkError} `message_id_reused`: The sender used the id for another content, and that message was not
   *   handed out yet.
   */
  async send(request: SendRequest): Promise<SendAnswer> {
    const sentAt = this.#now();
    const messageId = request.messageId ?? newMessageId(sentAt);
    const position = positionOf(messageId, request.senderId);
    const outcome = await this.#store.put(request.receiverId, {
      position,
      senderName: request.senderName,
      content: request.content,
      sentAt,
      expiresAt: epochSeconds(sentAt + LIMITS.retention),
    });
    if (outcome === "differs" && !(await this.#store.hasHandedOut(request.receiverId, position))) {
      throw new GoTalkError("message_id_reused");
    }
    const duplicate = outcome !== "stored";
    if (!duplicate) this.#count("MessagesReceived");
    return { messageId, sentAt, duplicate };
  }
}
