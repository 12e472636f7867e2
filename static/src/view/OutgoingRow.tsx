import type { VNode } from "preact";
import type { Timeline } from "../chat/timeline.ts";
import { idOf, isStanding, type QueuedMessage } from "../storage/records.ts";
import { useChat } from "./context.ts";
import { focusMessages } from "./focus.ts";
import { Icon } from "./icons.tsx";
import { MessageRow } from "./MessageRow.tsx";
import { Quote } from "./Quote.tsx";

/** Where an unsent message stands. */
interface InLog {
  readonly ownId: string;
  readonly timeline: Timeline;
  /** What the conversation is called. */
  readonly name: string;
}

/** A message that the server has not stored yet. */
export function outgoingRow(message: QueuedMessage, isContinued: boolean, { ownId, timeline, name }: InLog): VNode {
  const { about, peerId: conversationId } = message;
  const id = idOf({ senderId: ownId, messageId: message.messageId });
  return (
    <MessageRow
      key={id}
      id={id}
      message={message}
      isOwn
      name=""
      isContinued={isContinued}
      quote={about !== undefined && <Quote message={{ about, conversationId }} name={name} timeline={timeline} />}
      {...progressOf(message)}
    />
  );
}

/** What a row says of a message that is in the outbox. */
export const progressOf = (message: QueuedMessage): { readonly meta: VNode; readonly trouble?: VNode } => ({
  meta: <Progress message={message} />,
  ...troubleOf(message),
});

/** Why a message is not sent, if it has a problem. */
export const troubleOf = (message: QueuedMessage | undefined): { readonly trouble?: VNode } =>
  message?.problem === undefined ? {} : { trouble: <Trouble message={message} problem={message.problem} /> };

/** The progress of a message that has a problem. */
const PROGRESS: Readonly<Record<QueuedMessage["status"], string>> = {
  pending: "Not sent yet",
  failed: "Failed",
  unknown: "Unknown",
};

function Progress({ message: { status, problem } }: { message: QueuedMessage }): VNode {
  const isOffline = useChat().connection.value.kind === "offline";
  return (
    <>
      <Icon name={problem === undefined ? "clock" : "warning"} />
      {problem === undefined && (isOffline ? "Waiting for the network" : "Sending…")}
      {problem !== undefined && PROGRESS[status]}
    </>
  );
}

function Trouble({ message, problem }: { message: QueuedMessage; problem: string }): VNode {
  const chat = useChat();
  return (
    <div class="trouble">
      <span role="alert">
        {problem}
        {message.status === "pending" && " It will be sent as soon as possible."}
      </span>
      {message.status === "failed" && isStanding(message) && message.type !== "file" && navigator.clipboard && (
        <button type="button" onClick={() => void navigator.clipboard.writeText(message.content)}>
          Copy
        </button>
      )}
      <button
        type="button"
        onClick={(event) => {
          focusMessages(event);
          chat.attempt(chat.writing.retry([message]));
        }}
      >
        Retry
      </button>
      <button
        type="button"
        onClick={(event) => {
          focusMessages(event);
          chat.attempt(chat.writing.discard(message));
        }}
      >
        Delete
      </button>
    </div>
  );
}
