import type { VNode } from "preact";
import type { Conversation, QueuedMessage } from "../storage/records.ts";
import { shortened } from "../text/graphemes.ts";
import { briefTime, fullTime } from "../text/times.ts";
import { Avatar } from "./Avatar.tsx";
import { useChat } from "./context.ts";

/** The most characters of a message in a line. */
const LONGEST = 120;

/** The list of conversations, newest first. Conversations with unsent messages come before all others. */
export function ConversationList(): VNode {
  const chat = useChat();
  const known = chat.conversations.value;
  const queued = new Map(chat.outbox.value.map((message) => [message.peerId, message]));
  if (known === undefined) return <p class="empty">Loading…</p>;
  const isQuiet = ({ peerId }: Conversation): number => (queued.has(peerId) ? 0 : 1);
  const sorted = known.toSorted((a, b) => isQuiet(a) - isQuiet(b));
  return (
    <ul class="conversations" aria-label="Conversations">
      {sorted.map((conversation) => (
        <li key={conversation.peerId}>
          <Line conversation={conversation} queued={queued.get(conversation.peerId)} />
        </li>
      ))}
    </ul>
  );
}

function Line(props: { conversation: Conversation; queued: QueuedMessage | undefined }): VNode {
  const chat = useChat();
  const { peerId, name, last, unread } = props.conversation;
  const isOpen = chat.reading.timeline.value?.peerId === peerId && chat.reading.to.value === "";
  const text = props.queued?.content ?? last?.content ?? "";
  const time = props.queued === undefined ? last?.sentAt : undefined;
  return (
    <button type="button" aria-current={isOpen} onClick={() => void chat.reading.open(peerId)}>
      <Avatar name={name} />
      <span class="name">{name}</span>
      {time !== undefined && (
        <time dateTime={time} title={fullTime(time)}>
          {briefTime(time)}
        </time>
      )}
      <span class="preview">
        {/* Apart, so that the message alone decides its direction. */}
        <span class="prefix">{prefixOf(props.queued, last?.isOwn)}</span>
        <span class="said" dir="auto">
          {shortened(text, LONGEST)}
        </span>
      </span>
      {unread > 0 && !(isOpen && chat.reading.timeline.value?.isPinned.value) && (
        <span class="badge">
          {unread > 999 ? "999+" : unread}
          <span class="visually-hidden"> unread</span>
        </span>
      )}
    </button>
  );
}

function prefixOf(queued: QueuedMessage | undefined, isOwn = false): string {
  if (queued?.problem !== undefined) return "Not sent: ";
  return isOwn || queued !== undefined ? "You: " : "";
}
