import { fingerprintOf } from "../runtime/ids.ts";
import { itemToHead } from "./head.ts";
import { mayRepeat } from "./ring.ts";
import type { ChannelItem, StoredMessage } from "./stored-message.ts";

/**
 * `handedOut`: it is in the batch that is out, or among the settled ones that the head remembers. `forgotten`: the head may have
 * forgotten that it was handed out, and the next sync flags it. `new`: it was not handed out.
 */
export type Memory = "handedOut" | "forgotten" | "new";

/** @param head Of the channel, as it is stored. `undefined`: nobody has synced it yet. */
export function memoryIn(head: ChannelItem | undefined, message: Pick<StoredMessage, "position" | "sentAt">): Memory {
  if (head === undefined) return "new";
  const known = itemToHead(head);
  const { position } = message;
  const isOut = known.outstanding.includes(position) || known.settled.includes(fingerprintOf(position));
  if (isOut) return "handedOut";
  return mayRepeat(message, known) ? "forgotten" : "new";
}
