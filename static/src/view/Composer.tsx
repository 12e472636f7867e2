import { useSignal } from "@preact/signals";
import type { TargetedInputEvent, TargetedKeyboardEvent, VNode } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { CONTENT_BYTES } from "../../../lib/contract/limits.ts";
import { isBlank } from "../../../lib/contract/visible.ts";
import { BOX_UNITS, fitting } from "../text/bounded.ts";
import { byteLength } from "../text/bytes.ts";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { LongDraft } from "./LongDraft.tsx";
import { isSendKey, pointers } from "./sendKey.ts";

/** From here on, in bytes, the counter is shown. */
const NEARLY_FULL = 0.9 * CONTENT_BYTES;

/** As `composer.css` asks for. Where a browser cannot, the page measures the text at each keystroke. */
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

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
  /** A stored draft of which only the beginning fits into the box. */
  const long = useSignal<string | undefined>(undefined);
  const box = useRef<HTMLTextAreaElement>(null);
  /** What is in the box is nowhere else: the storage has failed. */
  const isUnstored = useRef(false);
  const isTouched = useRef(false);
  /** Somebody is being looked up for the message that has left this box. */
  const isLeaving = useRef(false);
  const size = byteLength(text.value);
  const left = CONTENT_BYTES - size;

  const save = () => chat.drafts.save(text.value, peerId);

  // Before the next key: what it writes would otherwise take the place of the draft that is not read yet.
  useLayoutEffect(() => {
    const show = (draft: string) => {
      text.value = fitting(draft);
      long.value = draft.length > text.value.length ? draft : undefined;
    };
    void chat.drafts.load(peerId).then((draft) => {
      show(isTouched.current ? draft + text.value : draft);
      if (isTouched.current && draft !== "") void save().catch(() => undefined);
    });
    // Another tab wrote on. Who is writing here is not disturbed.
    const isWriting = () => isTouched.current && document.visibilityState === "visible";
    return chat.drafts.onChange(peerId ?? "", (draft) => {
      if (!isWriting()) show(draft);
      // It was sent there, and with it the place went in which this text was stored.
      else if (draft === "") void chat.drafts.store(text.value, peerId).catch(() => undefined);
    });
  }, [chat, peerId]);

  // The same: who writes on while one box takes the place of another writes into the new one.
  useLayoutEffect(() => {
    // Not on a touch screen, where the keyboard would cover what the person wants to read.
    if (peerId !== undefined && matchMedia("(hover: hover)").matches) box.current?.focus();
  }, [peerId]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (isUnstored.current && text.value !== "") event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);

  useLayoutEffect(() => {
    const area = box.current;
    if (area === null || GROWS_BY_ITSELF) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
  }, [text.value]);

  const type = (value: string) => {
    isTouched.current = true;
    text.value = value;
    problem.value = undefined;
    save().then(
      () => {
        isUnstored.current = false;
      },
      (error: unknown) => {
        isUnstored.current = true;
        problem.value = `${explain(error)} What you type here is not stored.`;
      },
    );
  };

  /** Nothing of what is pasted is taken rather than a part of it, and what was there stays. */
  const refuse = (units: number) => {
    problem.value = `This text has ${units.toLocaleString()} characters. A message has room for about ${CONTENT_BYTES.toLocaleString()}, so nothing was inserted. Insert it in parts.`;
  };

  const onBeforeInput = (event: TargetedInputEvent<HTMLTextAreaElement>) => {
    const { selectionStart, selectionEnd, value } = event.currentTarget;
    const inserted = (event.data ?? event.dataTransfer?.getData("text/plain") ?? "").length;
    if (inserted === 0 || value.length - (selectionEnd - selectionStart) + inserted <= BOX_UNITS) return;
    event.preventDefault();
    refuse(inserted);
  };

  const onInput = (event: TargetedInputEvent<HTMLTextAreaElement>) => {
    const { value } = event.currentTarget;
    // A browser that does not ask before has it in the box by now.
    if (value.length > BOX_UNITS && value.length > text.value.length) {
      event.currentTarget.value = text.value;
      refuse(value.length - text.value.length);
    } else type(value);
  };

  const send = async () => {
    const content = text.value;
    // While somebody is looked up, the next message waits in the box.
    if (isBlank(content) || left < 0 || isLeaving.current) return;
    isLeaving.current = peerId === undefined;
    // Taken out at once, so that what is typed meanwhile belongs to the next message.
    text.value = "";
    isTouched.current = false;
    problem.value = undefined;
    // At once: by the time it is sent, the person may be elsewhere.
    box.current?.focus();
    try {
      await onSend(content);
    } catch (error) {
      // A box that is gone must not write over one that came after it, which shows what was not sent.
      if (box.current === null) return;
      text.value = (peerId === undefined ? chat.drafts.takeFailed() : content) + text.value;
      problem.value = explain(error);
      // What cannot be stored is still to be seen.
      void save().catch(() => undefined);
    } finally {
      isLeaving.current = false;
    }
  };

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    if (!isSendKey(event, pointers())) return;
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
      {long.value !== undefined && <LongDraft text={long.value} />}
      <textarea
        ref={box}
        rows={1}
        dir="auto"
        aria-label="Message"
        placeholder="Write a message"
        enterkeyhint={pointers().isTouch ? "enter" : "send"}
        value={text.value}
        onBeforeInput={onBeforeInput}
        onInput={onInput}
        onKeyDown={onKeyDown}
        {...(size >= NEARLY_FULL && { "aria-describedby": "room" })}
      />
      <button type="submit" class="round primary" aria-label="Send" disabled={isBlank(text.value) || left < 0}>
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
