import { groupEventIn } from "../../../lib/client/index.ts";
import type { Conversation, KnownGroup, QueuedMessage } from "../storage/records.ts";
import { eventText } from "../text/groupEvents.ts";
import { saying } from "../text/saying.ts";

type Last = NonNullable<Conversation["last"]>;

/** What the newest message of a conversation says. An event of a group names who did it. */
export function lastText(last: Last, ownId: string, group: KnownGroup | undefined): string {
  if (last.type !== "group") return saying(last).text;
  const by = { id: last.id.slice(0, last.id.lastIndexOf("/")), username: last.senderName ?? "" };
  return eventText(groupEventIn(last), by, ownId, group?.members);
}

/** Who has written it, in front of it. */
export function prefixOf(queued: QueuedMessage | undefined, last: Last | undefined): string {
  if (queued?.problem !== undefined) return "Not sent: ";
  if (queued !== undefined) return "You: ";
  if (last === undefined || last.type === "group") return "";
  if (last.isOwn) return "You: ";
  return last.senderName === undefined ? "" : `${last.senderName}: `;
}
