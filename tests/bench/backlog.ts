import { ChannelStore } from "../../lib/channel-store.ts";
import { epochSeconds } from "../../lib/clock.ts";
import { newMessageId, positionOf } from "../../lib/ids.ts";
import { LIMITS } from "../../lib/limits.ts";
import type { Account, GoTalk } from "./gotalk.ts";

const AT_ONCE = 32;

/** Puts messages on a channel as `send` does, but many at once. */
export async function fill(
  { database, channelsTable }: GoTalk,
  receiver: Account,
  sender: Account,
  messages: number,
  content: string,
): Promise<void> {
  const store = new ChannelStore(database, channelsTable);
  const sentAt = Date.now();
  let next = 0;
  async function sendSome(): Promise<void> {
    while (next < messages) {
      // One millisecond later each, so that they lie in the order in which they were made.
      const position = positionOf(newMessageId(sentAt + next++), sender.id);
      const expiresAt = epochSeconds(sentAt + LIMITS.retention);
      await store.put(receiver.id, { position, senderName: sender.username, content, sentAt, expiresAt });
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, messages) }, sendSome));
}
