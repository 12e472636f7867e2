import type { VNode } from "preact";
import type { Timeline } from "../chat/timeline.ts";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { Quoted } from "./Quote.tsx";

/** The message that is replied to, above the box. */
export function ReplyBar({ timeline, name }: { timeline: Timeline; name: string }): VNode | null {
  const { reading } = useChat();
  const message = timeline.replyTo.value;
  if (message === undefined) return null;
  const cancel = () => {
    reading.begun.reply(timeline, undefined);
    document.querySelector<HTMLElement>(".composer textarea")?.focus();
  };
  return (
    <div class="reply-bar">
      <span class="quote">
        <Quoted message={message} name={name} />
      </span>
      <button type="button" class="round" aria-label="Cancel reply" onClick={cancel}>
        <Icon name="close" />
      </button>
    </div>
  );
}
