import { deletedHere, isShown, settingsOf } from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { timelineOf } from "./history.ts";
import { incomingTransaction } from "./incoming.ts";
import { withChange } from "./lines.ts";
import { conversationFrom, readLine, type Stored, type StoredMessage, storedFrom } from "./records.ts";
import type { Database } from "./stores.ts";

/**
 * Deletes a message on this device alone. Its record stays, without its text: a repeat of the message must not bring it back.
 */
export async function deleteHere(database: Database, { id }: StoredMessage, ownId: string): Promise<Stored> {
  const transaction = incomingTransaction(database);
  return allOrNothing(transaction, async () => {
    const message = await transaction.objectStore("messages").get(id);
    if (message === undefined || !isShown(message)) return { messages: [], news: [], conversations: [] };
    const deleted = storedFrom(deletedHere(message));
    const { conversationId } = message;
    const line = await transaction.objectStore("conversations").get(conversationId);
    await transaction.objectStore("messages").put(deleted);
    const timeline = transaction.objectStore("messages").index("timeline");
    const last = (await timeline.openCursor(timelineOf(conversationId), "prev"))?.value;
    const folded = await transaction.objectStore("folded").get(conversationId);
    // As with a whole conversation that is deleted: to a stranger nothing of it goes back, also later.
    const isStranger = message.senderId === conversationId && !settingsOf(folded ?? { id: conversationId }).isAccepted;
    if (isStranger) await transaction.objectStore("untold").delete(id);
    const lines = line === undefined ? [] : readLine(line);
    const changed = lines.map(({ last: _, ...rest }) => {
      const counted = withChange(rest, message, deleted, ownId, false) ?? rest;
      return last === undefined ? counted : (withChange(counted, last, last, ownId, false) ?? counted);
    });
    await Promise.all(changed.map(async (one) => transaction.objectStore("conversations").put(one)));
    const adder = await transaction.objectStore("folded").get(line?.addedBy ?? "");
    const conversations = changed.map((one) => conversationFrom(one, folded, adder));
    return { messages: [deleted], news: [], conversations };
  });
}
