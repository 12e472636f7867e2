import type { VNode } from "preact";
import { idOf, type QueuedMessage } from "../storage/records.ts";
import { useChat } from "./context.ts";
import { focusMessages } from "./focus.ts";
import { Icon } from "./icons.tsx";
import { MessageRow } from "./MessageRow.tsx";

/** A message that the server has not stored yet. */
export function outgoingRow(message: QueuedMessage, ownId: string, isContinued: boolean): VNode {
  const id = idOf({ senderId: ownId, messageId: message.messageId });
  return (
    <MessageRow
      key={id}
      id={id}
      content={message.content}
      isOwn
      name=""
      isContinued={isContinued}
      {...progressOf(message)}
    />
  );
}

/** What a row says of a message that is in the outbox. */
export const progressOf = (message: QueuedMessage): { readonly meta: VNode; readonly trouble?: VNode } => ({
  meta: <Progress message={message} />,
  ...(message.problem !== undefined && { trouble: <Trouble message={message} problem={message.problem} /> }),
});

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
      <button
        type="button"
        onClick={(event) => {
          focusMessages(event);
          void chat.retry([message]);
        }}
      >
        Retry
      </button>
      <button
        type="button"
        onClick={(event) => {
          focusMessages(event);
          void chat.discard(message);
        }}
      >
        Delete
      </button>
    </div>
  );
}
