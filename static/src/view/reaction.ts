import type { Chat } from "../chat/chat.ts";
import type { StoredMessage } from "../storage/records.ts";

/** What a person reacts to a message with. */
export const reactionOf = ({ reactions }: StoredMessage, userId: string): string | undefined =>
  reactions?.[userId]?.emoji || undefined;

/** Reacts to a message. The same emoji once more takes the reaction back. */
export function react(chat: Chat, message: StoredMessage, emoji: string): void {
  const isSame = reactionOf(message, chat.session.id) === emoji;
  chat.attempt(chat.writing.say("reaction", message, isSame ? "" : emoji));
}
