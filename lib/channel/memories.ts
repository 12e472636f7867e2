import { batchGet } from "../database/batch-get.ts";
import type { Database } from "../database/database.ts";
import { HEAD_POSITION } from "./head.ts";
import { memoryIn } from "./memory.ts";
import type { MessageStore } from "./message-store.ts";
import { type ChannelItem, keyOf } from "./stored-message.ts";

/**
 * What many channels remember of a message: one call for each 100 of them, in the place of one for each. It costs the same read
 * units, and a small part of the processor's time.
 */
export class Memories {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, table: string) {
    this.#database = database;
    this.#table = table;
  }

  /**
   * Reads the heads of channels, beside what the caller does.
   *
   * @param channels All different. No call if there are none.
   * @returns As `MessageStore.memoryOf` of these channels. It rejects where their heads cannot be read.
   */
  readAhead(channels: readonly string[]): Pick<MessageStore, "memoryOf"> {
    const reading = this.#headsOf(channels);
    // It may never be awaited, and an unhandled rejection ends the process.
    reading.catch(() => undefined);
    return { memoryOf: async (channel, message) => memoryIn((await reading).get(channel), message) };
  }

  async #headsOf(channels: readonly string[]): Promise<Map<string | undefined, ChannelItem>> {
    const keys = channels.map((channel) => keyOf(channel, HEAD_POSITION));
    const heads = await batchGet(this.#database, { table: this.#table, keys, consistent: false });
    return new Map(heads.map((head) => [head["receiverId"]?.S, head]));
  }
}
