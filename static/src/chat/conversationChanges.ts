import type { OwnChange } from "../../../lib/client/index.ts";
import type { Conversation } from "../storage/records.ts";

/** Before all messages. */
const BEGINNING = { sentAt: "1970-01-01T00:00:00.000Z", id: "" };

/** Puts a conversation behind "Archived" until it goes on, or brings it back. */
export function archiving({ last }: Conversation, archived: boolean): OwnChange {
  if (!archived) return { archived };
  return { archived, archivedUpTo: last === undefined ? BEGINNING : { sentAt: last.sentAt, id: last.id } };
}

/** Mutes a conversation, or not. It stays where it is in the list: a muted one does not come back by itself. */
export const muting = (conversation: Conversation, muted: boolean): OwnChange => ({
  muted,
  ...archiving(conversation, conversation.settings.isArchived),
});
