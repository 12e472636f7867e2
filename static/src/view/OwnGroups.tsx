import type { VNode } from "preact";
import { groupsLike } from "../chat/ownGroups.ts";
import { Avatar } from "./Avatar.tsx";
import { useChat } from "./context.ts";

/** Groups that are offered at a time. */
const MOST = 5;

/** Offers the groups whose names have what was typed under To, below the field. */
export function OwnGroups(): VNode | null {
  const chat = useChat();
  const found = groupsLike(chat.reading.to.value, chat.ownGroups.value);
  if (found.length === 0) return null;
  return (
    <ul class="found" aria-label="Your groups">
      {found.slice(0, MOST).map((group) => (
        <li key={group.peerId}>
          <button type="button" onClick={() => chat.attempt(chat.openGroup(group))}>
            <Avatar name={group.name} isGroup />
            <span>{group.name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
