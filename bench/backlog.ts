import { BatchWriteItemCommand, type PutItemCommand, type PutItemCommandInput } from "@aws-sdk/client-dynamodb";
import { MessageStore } from "../lib/channel/message-store.ts";
import { LIMITS } from "../lib/contract/limits.ts";
import type { Database } from "../lib/database/database.ts";
import { epochSeconds } from "../lib/runtime/clock.ts";
import { newMessageId, positionOf } from "../lib/runtime/ids.ts";
import type { Account, GoTalk } from "./gotalk.ts";

const AT_ONCE = 8;
/** What DynamoDB takes in one BatchWriteItem. */
const BATCH = 25;

/** Puts messages on a channel: the items that `send` would put there, but many in one call, as it is not measured. */
export async function fill(
  { database, channelsTable }: GoTalk,
  receiver: Account,
  sender: Account,
  messages: number,
  content: string,
): Promise<void> {
  const sentAt = Date.now();
  let next = 0;

  async function fillSome(): Promise<void> {
    const items: PutItemCommandInput["Item"][] = [];
    const store = new MessageStore(collectorOf(items), channelsTable);
    while (next < messages) {
      const first = next;
      const end = Math.min(messages, first + BATCH);
      next = end;
      for (let index = first; index < end; index++) {
        // One millisecond later each, so that they lie in the order in which they were made.
        const position = positionOf(newMessageId(sentAt + index), sender.id);
        const expiresAt = epochSeconds(sentAt + LIMITS.retention);
        await store.put(receiver.id, { position, senderName: sender.username, content, sentAt, expiresAt });
      }
      const requests = items.splice(0).map((Item) => ({ PutRequest: { Item } }));
      await database.send(new BatchWriteItemCommand({ RequestItems: { [channelsTable]: requests } }));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, fillSome));
}

/** A database that only keeps what is to be put. */
const collectorOf = (items: PutItemCommandInput["Item"][]): Database => ({
  send: async ({ input }: PutItemCommand) => {
    items.push(input.Item);
    return { $metadata: {} };
  },
});
