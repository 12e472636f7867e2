import type { VNode } from "preact";
import { useChat } from "./context.ts";
import { focusMessages } from "./focus.ts";

/** With several messages that were not sent: a way to try all of them. */
export function Undelivered({ peerId }: { peerId: string }): VNode | null {
  const chat = useChat();
  const stuck = chat.outbox.value.filter((message) => message.peerId === peerId && message.problem !== undefined);
  if (stuck.length < 2) return null;
  return (
    <div class="message-bar">
      <span>{stuck.length} messages were not sent.</span>
      <button
        type="button"
        onClick={(event) => {
          focusMessages(event);
          void chat.retry(stuck);
        }}
      >
        Retry all
      </button>
    </div>
  );
}
