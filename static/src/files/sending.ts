import type { Chat } from "../chat/chat.ts";
import type { Timeline } from "../chat/timeline.ts";
import { enqueueFile } from "../storage/files.ts";
import { outgoingFrom } from "../storage/outbox.ts";
import type { Prepared } from "./preparing.ts";

/**
 * Stores a file and its message to be sent. From here on it outlives the tab.
 *
 * @throws DOMException when it cannot be stored
 */
export async function sendFile(chat: Chat, timeline: Timeline, prepared: Prepared): Promise<void> {
  const { peerId, replyTo } = timeline;
  const { database, client, tabs } = chat.fileHost;
  const { file, ...said } = prepared;
  const about = replyTo.value;
  const message = outgoingFrom({
    ...{ peerId, type: "file", content: JSON.stringify({ ...said, bytes: file.size }) },
    messageId: client.newMessageId(),
    ...(about !== undefined && { about: about.messageId }),
  });
  // Nothing is sent before it is uploaded.
  await enqueueFile(database, { ...message, mayHaveArrived: false, upload: crypto.randomUUID() }, file);
  if (about !== undefined) chat.reading.begun.reply(timeline, undefined);
  tabs.emit({ type: "queued" });
}
