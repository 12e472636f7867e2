import type { VNode } from "preact";
import type { User } from "../../../lib/client/index.ts";
import { useChat } from "./context.ts";
import { typingIn } from "./typing.ts";

/** The line under the name: who is typing, and in a group without one the members. A screen reader is not disturbed by it. */
export function PaneSubtitle({
  peerId,
  members,
}: {
  peerId: string;
  members?: readonly User[] | undefined;
}): VNode | null {
  const chat = useChat();
  const words = typingIn(chat, peerId, members);
  if (words !== undefined) return <p class="subtitle typing">{words}</p>;
  if (members === undefined) return null;
  const others = members.filter(({ id }) => id !== chat.session.id).map(({ username }) => username);
  const names = others.length === members.length ? others : ["you", ...others];
  return <p class="subtitle">{names.join(", ")}</p>;
}
