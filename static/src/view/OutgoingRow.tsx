import type { VNode } from "preact";
import type { QueuedMessage } from "../storage/records.ts";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { Text } from "./Text.tsx";

/** A message that the server has not taken yet. */
export function OutgoingRow({ message }: { message: QueuedMessage }): VNode {
  const chat = useChat();
  const { content, status, problem } = message;
  const isOffline = chat.connection.value.kind === "offline";
  return (
    <div class="row">
      <article class="bubble" data-own data-status={problem === undefined ? status : "failed"}>
        <span class="visually-hidden">You: </span>
        <Text text={content} />
        <span class="meta">
          <Icon name={problem === undefined ? "clock" : "warning"} />
          {problem === undefined && (isOffline ? "Waiting for the network" : "Sending…")}
          {problem !== undefined && (status === "failed" ? "Failed" : "Not sent yet")}
        </span>
      </article>
      {problem !== undefined && (
        <div class="trouble">
          <span role="alert">
            {problem}
            {status === "pending" && " It goes out by itself as soon as it can."}
          </span>
          <button type="button" onClick={() => void chat.retry([message])}>
            Retry
          </button>
          <button type="button" onClick={() => void chat.discard(message)}>
            Delete
          </button>
        </div>
      )}
    </div>
  );
}
