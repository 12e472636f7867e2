import { type GroupMessage, groupEventIn, type User } from "../../../../lib/client/index.ts";
import type { StoredMessage } from "../../storage/records.ts";

/**
 * The members that were in the group when a message was sent: all but those of whom the first event behind the message tells that
 * they came.
 *
 * @param events What happened in the group after the message, in its order.
 */
export function membersThen<Member extends User>(
  members: readonly Member[],
  events: readonly Pick<StoredMessage, "content">[],
): Member[] {
  const firstOf = new Map<string, string>();
  for (const { content } of events) {
    const { event, member } = groupEventIn({ content } as GroupMessage);
    if (member !== undefined && !firstOf.has(member.id)) firstOf.set(member.id, event);
  }
  return members.filter(({ id }) => !["added", "joined"].includes(firstOf.get(id) ?? ""));
}
