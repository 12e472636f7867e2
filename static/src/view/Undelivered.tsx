import type { VNode } from "preact";
import type { QueuedMessage } from "../storage/records.ts";
import { useChat } from "./context.ts";
import { focusMessages } from "./focus.ts";

/** Retries all messages when several were not sent. */
export function Undelivered({ peerId }: { peerId: string }): VNode | null {
  const chat = useChat();
  // Messages that may have arrived are retried one by one.
  const isStuck = (message: QueuedMessage) => message.problem !== undefined && message.status !== "unknown";
  const stuck = chat.outbox.value.filter((message) => message.peerId === peerId && isStuck(message));
  if (stuck.length < 2) return null;
  return (
    <div class="message-bar">
      <span>{stuck.length} messages were not sent.</span>
      <button
        type="button"
        onClick={(event) => {
          focusMessages(event);
          chat.attempt(chat.writing.retry(stuck));
        }}
      >
        Retry all
      </button>
    </div>
  );
}
