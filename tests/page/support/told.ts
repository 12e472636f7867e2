import type { Client, Message } from "../../../lib/client/index.ts";
import { messageIdsIn } from "../../../lib/client/index.ts";
import { takeAll } from "../../support/taking.ts";

/** What a client gets without a page: all of it, also what is quiet. */
export class Mailbox {
  readonly messages: Message[] = [];
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Takes what waits. */
  async take(): Promise<readonly Message[]> {
    this.messages.push(...(await takeAll(this.#client)));
    return this.messages;
  }

  /** The ids that the client was told of by receipts of this type so far, in that order. */
  async told(type: "delivered" | "read"): Promise<readonly string[]> {
    const messages = await this.take();
    return messages.flatMap((message) => (message.type === type ? messageIdsIn(message) : []));
  }
}
