import { isStanding, type QueuedMessage, type StoredMessage } from "../storage/records.ts";

/** The types of what the user says about a message. */
export type WordType = "edit" | "deletion" | "reaction";

export const isWord = (type: string | undefined): type is WordType => !isStanding({ type });

/**
 * The greatest id of what the user has said so far about a message: its last edit, or the user's reaction to it. What is said next
 * must bear a greater one, or it counts for nothing. The clock alone does not see to that: it may be behind the clock of the
 * device or tab that said the last word.
 *
 * @param message The message as this tab shows it.
 * @param outbox What is not sent yet.
 * @returns undefined: nothing is replaced
 */
export function replacedId(
  type: WordType,
  { messageId, conversationId, edited, reactions }: StoredMessage,
  outbox: readonly QueuedMessage[],
  ownId: string,
): string | undefined {
  const known = { edit: edited?.messageId, deletion: undefined, reaction: reactions?.[ownId]?.messageId }[type];
  const waiting = outbox.filter((one) => one.type === type && one.about === messageId && one.peerId === conversationId);
  return [known, ...waiting.map((one) => one.messageId)]
    .filter((id) => id !== undefined)
    .toSorted()
    .at(-1);
}
