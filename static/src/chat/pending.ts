import { fold, type User } from "../../../lib/client/index.ts";
import { isStanding, type QueuedMessage, type StoredMessage, storedFrom } from "../storage/records.ts";
import { sentMessage } from "../storage/sent.ts";

/** What the outbox says about messages of a conversation, by the `messageId` that it is about. */
export function pendingMarks(
  outbox: readonly QueuedMessage[],
  conversationId: string,
): ReadonlyMap<string, readonly QueuedMessage[]> {
  const marks = new Map<string, readonly QueuedMessage[]>();
  for (const message of outbox) {
    const { about, peerId } = message;
    if (about === undefined || peerId !== conversationId || isStanding(message)) continue;
    marks.set(about, [...(marks.get(about) ?? []), message]);
  }
  return marks;
}

/** The message as it will be once these are sent: the person sees at once what they have done. */
export function withPending(message: StoredMessage, marks: readonly QueuedMessage[], user: User): StoredMessage {
  const taken = marks.map((mark) => sentMessage(mark, user, { sentAt: mark.writtenAt }));
  const known = { messages: [message], waiting: [], conversations: [] };
  const changed = fold(known, taken, user.id).messages.find(({ id }) => id === message.id);
  return changed === undefined ? message : storedFrom(changed);
}
