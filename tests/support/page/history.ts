import { type Client, keyOf } from "../../../lib/client/index.ts";
import { type StoredMessage, storedFrom } from "../../../static/src/storage/records.ts";
import type { Visitor } from "./visitor.ts";

const MINUTE = 60_000;

/**
 * Gives a page a long history, as if it had been received over the last days: one message each minute, `old 0` first.
 * Writes it into the page's own storage, since the server hands out a hundred at a time.
 *
 * @param end A minute after the last one, in milliseconds since the epoch.
 * @param said How many of them were edited, or have reactions, one as the other.
 */
export async function seedHistory(
  visitor: Visitor,
  peer: Client,
  count: number,
  end = Date.now(),
  said = 0,
): Promise<void> {
  const { id: peerId, username: name } = peer.session ?? { id: "", username: "" };
  const { id: ownId } = await peer.find(visitor.username);
  const start = end - count * MINUTE;
  const messages = Array.from({ length: count }, (_, index): StoredMessage => {
    const senderId = index % 3 === 0 ? ownId : peerId;
    const sentAt = new Date(start + index * MINUTE).toISOString();
    const senderName = senderId === ownId ? visitor.username : name;
    const message = {
      messageId: String(index),
      conversationId: peerId,
      senderId,
      senderName,
      content: `old ${index}`,
      sentAt,
    };
    const isSaid = Math.floor((index * said) / count) !== Math.floor(((index + 1) * said) / count);
    const reaction = { emoji: "👍", name, messageId: "1", sentAt };
    const more = index % 2 === 0 ? { edited: { messageId: "1", sentAt } } : { reactions: { [peerId]: reaction } };
    return storedFrom({ ...message, id: keyOf(message), ...(isSaid && more) });
  });
  const last = messages.at(-1);
  const conversation = { peerId, name, unread: 0, last: { ...last, isOwn: last?.senderId === ownId } };
  await visitor.page.evaluate(
    async ([userId, records, line]) => {
      const request = indexedDB.open(`gotalk-${userId}`);
      const database = await new Promise<IDBDatabase>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
      const transaction = database.transaction(["messages", "conversations"], "readwrite");
      for (const record of records) transaction.objectStore("messages").put(record);
      transaction.objectStore("conversations").put(line);
      await new Promise((resolve) => {
        transaction.oncomplete = resolve;
      });
      database.close();
    },
    [ownId, messages, conversation] as const,
  );
  await visitor.page.reload();
  await visitor.connected();
  await visitor.conversations.getByRole("button", { name }).click();
  await visitor.message(`old ${count - 1}`).waitFor();
}

/** Sends messages, several at once. */
export async function sendMany(from: Client, to: string, texts: readonly string[]): Promise<void> {
  const rest = texts.values();
  const worker = async (): Promise<void> => {
    for (const content of rest) await from.send({ to, content });
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}
