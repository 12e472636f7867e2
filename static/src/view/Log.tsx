import type { VNode } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { isGroupId } from "../../../lib/client/index.ts";
import { fileParts } from "../chat/fileParts.ts";
import type { Timeline } from "../chat/timeline.ts";
import { idOf, isStanding, type QueuedMessage } from "../storage/records.ts";
import { choosing } from "./choosing.ts";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { outgoingRow } from "./OutgoingRow.tsx";
import { areContinued } from "./rows.ts";
import { useQuietHistory } from "./useQuietHistory.ts";
import { useScroll } from "./useScroll.ts";
import { useSeen } from "./useSeen.ts";
import { useStoredRows } from "./useStoredRows.ts";
import { useTouchElsewhere } from "./useTouchElsewhere.ts";

interface LogProps {
  readonly timeline: Timeline;
  readonly name: string;
}

/** The messages of a conversation. */
export function Log(props: LogProps): VNode {
  const messages = props.timeline.messages.value;
  // Each picture has its final size from the beginning, so that nothing moves.
  const isReady = fileParts.value !== undefined || !messages?.some(({ type }) => type === "file");
  if (messages && isReady) return <Messages {...props} />;
  return (
    <div class="log-frame">
      <div class="log" role="log" aria-label="Messages" aria-busy="true">
        <p class="empty">Loading…</p>
      </div>
    </div>
  );
}

function Messages({ timeline, name }: LogProps): VNode {
  const chat = useChat();
  const log = useRef<HTMLDivElement>(null);
  const ownId = chat.session.id;
  // They remember the pointer, also while messages come.
  const handlers = useMemo(() => choosing(timeline), [timeline]);
  const messages = timeline.messages.value;
  const stored = useStoredRows(timeline, name);
  // A message that has come back from the server is in the history, and in the outbox until its send is answered.
  const shown = new Set(stored.map(({ key }) => key));
  const isOutgoing = ({ peerId, messageId, type }: QueuedMessage): boolean =>
    peerId === timeline.peerId && isStanding({ type }) && !shown.has(idOf({ senderId: ownId, messageId }));
  const outgoing = timeline.isAtEnd.value ? chat.outbox.value.filter(isOutgoing) : [];
  const continued = areContinued(outgoing, messages?.at(-1), ownId);
  useScroll(log, timeline);
  useQuietHistory(log, timeline);
  useSeen(log, timeline);
  useTouchElsewhere(timeline);

  const isEmpty = messages?.length === 0 && outgoing.length === 0;
  return (
    <div class="log-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div ref={log} class="log" role="log" aria-label="Messages" tabIndex={0} {...handlers}>
        {isEmpty && (
          <p class="empty">
            No messages {isGroupId(timeline.peerId) ? "in" : "with"} {name} yet. Say hello.
          </p>
        )}
        {messages && !timeline.isAtStart.value && <p class="more">Loading older messages…</p>}
        {[
          ...stored,
          ...outgoing.map((message, index) =>
            outgoingRow(message, continued[index] ?? false, { ownId, timeline, name }),
          ),
        ]}
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
