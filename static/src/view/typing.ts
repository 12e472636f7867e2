import { isGroupId, type User } from "../../../lib/client/index.ts";
import type { Chat } from "../chat/chat.ts";
import { listed } from "../text/listed.ts";

/** Names that fit into a line. More are counted. */
const MOST = 2;

/**
 * `typing…`, or with names in a group: `ann is typing…`.
 *
 * @param members The members of a group, as far as they are known.
 * @returns undefined if nobody is
 */
export function typingIn(chat: Chat, peerId: string, members: readonly User[] = []): string | undefined {
  const isHere = chat.typists.value.filter(({ senderId, toId = senderId }) => toId === peerId);
  const ids = isHere.map(({ senderId }) => senderId).filter((id) => !chat.account.blocked.value?.has(id));
  if (ids.length === 0) return undefined;
  if (!isGroupId(peerId)) return "typing…";
  if (ids.length > MOST) return `${ids.length} people are typing…`;
  const nameOf = (userId: string): string =>
    members.find(({ id }) => id === userId)?.username ??
    chat.conversations.value?.find((one) => one.peerId === userId)?.name ??
    "somebody";
  return `${listed(ids.map(nameOf))} ${ids.length === 1 ? "is" : "are"} typing…`;
}
