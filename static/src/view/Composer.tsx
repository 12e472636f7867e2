import { useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent, VNode } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { LIMITS } from "../../../lib/limits.ts";
import { byteLength } from "../text/bytes.ts";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";

/** From here on, in bytes, the counter is shown. */
const NEARLY_FULL = 0.9 * LIMITS.contentBytes;

interface ComposerProps {
  /** Whose draft it is; undefined while the receiver is not known yet. */
  readonly peerId?: string;
  /** Takes the message over, or throws. */
  onSend(text: string): Promise<void>;
  /** Says why it was not taken. */
  explain(error: unknown): string;
}

/** Where a message is written. What is in it is stored at every keystroke, and given back when it cannot be sent. */
export function Composer({ peerId, onSend, explain }: ComposerProps): VNode {
  const chat = useChat();
  const text = useSignal("");
  const problem = useSignal<string | undefined>(undefined);
  const box = useRef<HTMLTextAreaElement>(null);
  const isTouched = useRef(false);
  const size = byteLength(text.value);
  const left = LIMITS.contentBytes - size;

  useEffect(() => {
    const show = (draft: string) => {
      text.value = draft;
    };
    void chat.draft(peerId).then((draft) => isTouched.current || show(draft));
    // Another tab wrote on. Who is writing here is not disturbed.
    const isWriting = () => isTouched.current && document.visibilityState === "visible";
    return chat.onDraft(peerId ?? "", (draft) => isWriting() || show(draft));
  }, [chat, peerId]);

  useEffect(() => {
    // Not on a touch screen, where the keyboard would cover what the person wants to read.
    if (peerId !== undefined && matchMedia("(hover: hover)").matches) box.current?.focus();
  }, [peerId]);

  useLayoutEffect(() => {
    const area = box.current;
    if (area === null) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
  }, [text.value]);

  const type = (value: string) => {
    isTouched.current = true;
    text.value = value;
    problem.value = undefined;
    chat.saveDraft(value, peerId).catch((error: unknown) => {
      problem.value = `${explain(error)} What you type here is not stored.`;
    });
  };

  const send = async () => {
    const content = text.value;
    if (content.trim() === "" || left < 0) return;
    // Taken out at once, so that what is typed meanwhile belongs to the next message.
    text.value = "";
    isTouched.current = false;
    problem.value = undefined;
    try {
      await onSend(content);
    } catch (error) {
      text.value = content + text.value;
      problem.value = explain(error);
    }
    box.current?.focus();
  };

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    // Safari ends the composition before the Enter that ends it, and marks that one with 229.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    void send();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {problem.value !== undefined && (
        <p class="message-bar" role="alert">
          {problem.value}
        </p>
      )}
      <textarea
        ref={box}
        rows={1}
        dir="auto"
        aria-label="Message"
        placeholder="Write a message"
        enterkeyhint="send"
        value={text.value}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        {...(size >= NEARLY_FULL && { "aria-describedby": "room" })}
      />
      <button type="submit" class="round primary" aria-label="Send" disabled={text.value.trim() === "" || left < 0}>
        <Icon name="send" />
      </button>
      {size >= NEARLY_FULL && (
        <p id="room" class={left < 0 ? "room over" : "room"}>
          {left < 0 ? `Too long by ${-left} bytes` : `Room for ${left} more bytes`}
        </p>
      )}
    </form>
  );
}
