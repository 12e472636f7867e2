import type { Batch, Message } from "../../lib/client/index.ts";

/**
 * A channel (docs/protocol.md) as its clients see it: one batch out at a time, a replay for its `ack`, a lease. Every sync
 * is atomic here; what goes wrong is everything between the server and the consumer.
 */
export class ClientChannel {
  readonly #waiting: Message[] = [];
  #out: { receipt: string; previous: string; messages: Message[]; leased: boolean } | undefined;
  #receipts = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#out === undefined;
  }

  arrive(message: Message): void {
    this.#waiting.push(message);
  }

  expireLease(): void {
    if (this.#out) this.#out.leased = false;
  }

  sync(ack: string, limit: number): Batch {
    if (this.#out?.receipt === ack) this.#out = undefined;
    if (this.#out?.leased && this.#out.previous !== ack) {
      return { messages: [], receipt: ack, more: false, retryAfter: 30 };
    }
    const again = this.#out?.messages.map((message) => ({ ...message, redelivered: true }));
    const messages = again ?? this.#waiting.splice(0, limit);
    if (this.#out?.previous !== ack) {
      if (messages.length === 0) return { messages, receipt: ack, more: false };
      this.#out = { receipt: `receipt-${++this.#receipts}`, previous: ack, messages, leased: true };
    }
    return { messages, receipt: this.#out.receipt, more: this.#waiting.length > 0 };
  }
}
