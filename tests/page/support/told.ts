import type { Client, Message } from "../../../lib/client/index.ts";
import { messageIdsIn } from "../../../lib/client/index.ts";

/** What a client gets without a page: all of it, also what is quiet. */
export class Mailbox {
  readonly messages: Message[] = [];
  readonly #client: Client;
  #receipt: string | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Takes what waits. */
  async take(): Promise<readonly Message[]> {
    for (let more = true; more; ) {
      const batch = await this.#client.sync(this.#receipt === undefined ? {} : { ack: this.#receipt });
      this.#receipt = batch.receipt;
      this.messages.push(...batch.messages);
      more = batch.more || batch.messages.length > 0;
    }
    return this.messages;
  }

  /** The ids that the client was told of by receipts of this type so far, in that order. */
  async told(type: "delivered" | "read"): Promise<readonly string[]> {
    const messages = await this.take();
    return messages.flatMap((message) => (message.type === type ? messageIdsIn(message) : []));
  }
}
