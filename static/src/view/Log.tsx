import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import type { Timeline } from "../chat/timeline.ts";
import { idOf, type QueuedMessage } from "../storage/records.ts";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { outgoingRow } from "./OutgoingRow.tsx";
import { areContinued } from "./rows.ts";
import { useQuietHistory } from "./useQuietHistory.ts";
import { useScroll } from "./useScroll.ts";
import { useStoredRows } from "./useStoredRows.ts";

/** The messages of a conversation. */
export function Log({ timeline, name }: { timeline: Timeline; name: string }): VNode {
  const chat = useChat();
  const log = useRef<HTMLDivElement>(null);
  const ownId = chat.session.id;
  const messages = timeline.messages.value;
  const stored = useStoredRows(timeline, name);
  // A message that has come back from the server is in the history, and in the outbox until its send is answered.
  const shown = new Set(stored.map(({ key }) => key));
  const isOutgoing = ({ peerId, messageId }: QueuedMessage): boolean =>
    peerId === timeline.peerId && !shown.has(idOf({ senderId: ownId, messageId }));
  const outgoing = timeline.isAtEnd.value ? chat.outbox.value.filter(isOutgoing) : [];
  const continued = areContinued(outgoing, messages?.at(-1), ownId);
  useScroll(log, timeline);
  useQuietHistory(log, timeline);

  const isEmpty = messages?.length === 0 && outgoing.length === 0;
  return (
    <div class="log-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div ref={log} class="log" role="log" aria-label="Messages" tabIndex={0}>
        {messages === undefined && <p class="empty">Loading…</p>}
        {isEmpty && <p class="empty">No messages with {name} yet. Say hello.</p>}
        {messages && !timeline.isAtStart.value && <p class="more">Loading older messages…</p>}
        {[...stored, ...outgoing.map((message, index) => outgoingRow(message, ownId, continued[index] ?? false))]}
      </div>
      {!timeline.isPinned.value && (
        <button type="button" class="newest" onClick={() => void timeline.openAtEnd()}>
          {timeline.below.value === 0 ? "Newest messages" : newMessages(timeline.below.value)}
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

const newMessages = (count: number): string => (count === 1 ? "1 new message" : `${count} new messages`);
