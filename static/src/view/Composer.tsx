import { useSignal } from "@preact/signals";
import type { TargetedInputEvent, TargetedKeyboardEvent, VNode } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { CONTENT_BYTES } from "../../../lib/contract/limits.ts";
import { isBlank } from "../../../lib/contract/visible.ts";
import { fileParts } from "../chat/fileParts.ts";
import { BOX_UNITS, fitting } from "../text/bounded.ts";
import { byteLength } from "../text/bytes.ts";
import { useChat } from "./context.ts";
import { GroupEnd } from "./GroupEnd.tsx";
import { useGroup } from "./group.ts";
import { Icon } from "./icons.tsx";
import { LongDraft } from "./LongDraft.tsx";
import { Mentions } from "./Mentions.tsx";
import { isNearlyFull, Room } from "./Room.tsx";
import { isSendKey, pointers } from "./sendKey.ts";

/**
 * Whether the box grows with its text by CSS, see `composer.css`. Otherwise the page measures the text at each
 * keystroke.
 */
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

interface ComposerProps {
  /** The receiver; undefined while it is not known yet. */
  readonly peerId?: string;
  /** Whether the person has blocked the receiver: nothing can be written then. */
  readonly isBlocked: boolean;
  /** Takes the message, or throws. */
  onSend(text: string): Promise<void>;
  /** Escape was pressed in the box. */
  onEscape?(): void;
  /** Says why the message was not taken. */
  explain(error: unknown): string;
}

/** Whether the focus is nowhere, or on a note above the box. */
const hasLostFocus = (): boolean => {
  const here = document.activeElement;
  return here === null || here === document.body || here.closest(".between") !== null;
};

/** The box for a message. Its text is stored at every keystroke, and comes back when it cannot be sent. */
export function Composer({ peerId, isBlocked, onSend, onEscape, explain }: ComposerProps): VNode {
  const chat = useChat();
  const text = useSignal("");
  const problem = useSignal<string | undefined>(undefined);
  /** A stored draft that is too long for the box. */
  const long = useSignal<string | undefined>(undefined);
  const box = useRef<HTMLTextAreaElement>(null);
  /** The storage has failed: only the box has its text. */
  const isUnstored = useRef(false);
  const isTouched = useRef(false);
  /** A message has left this box, and its receiver is being looked up. */
  const isSendingFirst = useRef(false);
  const size = byteLength(text.value);
  const left = CONTENT_BYTES - size;
  const group = useGroup();
  const isOver = group?.gone !== undefined || isBlocked;

  const save = () => chat.drafts.save(text.value, peerId);

  // A layout effect runs before the next key, which would otherwise overwrite the draft before it is read.
  useLayoutEffect(() => {
    const show = (draft: string) => {
      text.value = fitting(draft);
      long.value = draft.length > text.value.length ? draft : undefined;
    };
    void chat.drafts.load(peerId).then((draft) => {
      show(isTouched.current ? draft + text.value : draft);
      if (isTouched.current && draft !== "") void save().catch(() => undefined);
    });
    // Another tab has changed the draft. A person who is writing here is not disturbed.
    const isWriting = () => isTouched.current && document.visibilityState === "visible";
    return chat.drafts.onChange(peerId ?? "", (draft) => {
      if (!isWriting()) show(draft);
      // The other tab has sent it, which removed this text from the storage, too.
      else if (draft === "") void chat.drafts.store(text.value, peerId).catch(() => undefined);
    });
  }, [chat, peerId]);

  // A layout effect for the same reason: keys that follow a change of the box go into the new box.
  useLayoutEffect(() => {
    // Not on a touch screen, where the keyboard would cover what the person wants to read.
    if (peerId !== undefined && matchMedia("(hover: hover)").matches) box.current?.focus();
  }, [peerId]);

  const wasBlocked = useRef(isBlocked);
  useLayoutEffect(() => {
    // The button that has unblocked the person is gone, or about to be.
    if (wasBlocked.current && !isBlocked && hasLostFocus()) box.current?.focus();
    wasBlocked.current = isBlocked;
  }, [isBlocked]);

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
    if (peerId !== undefined && !isBlank(value)) chat.type(peerId);
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

  /** Refuses all of a pasted text rather than a part of it. The text that was there stays. */
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
    // Some browsers do not ask before. Then the text is in the box by now.
    if (value.length > BOX_UNITS && value.length > text.value.length) {
      event.currentTarget.value = text.value;
      refuse(value.length - text.value.length);
    } else type(value);
  };

  const send = async () => {
    const content = text.value;
    // While a receiver is looked up, the next message waits in the box.
    if (isBlank(content) || left < 0 || isOver || isSendingFirst.current) return;
    isSendingFirst.current = peerId === undefined;
    // Removed at once, so that text which is typed meanwhile belongs to the next message.
    text.value = "";
    isTouched.current = false;
    problem.value = undefined;
    // At once: when the message is sent, the person may be elsewhere.
    box.current?.focus();
    try {
      await onSend(content);
    } catch (error) {
      // A box that is gone must not overwrite its successor, which shows the unsent text.
      if (box.current === null) return;
      text.value = (peerId === undefined ? chat.drafts.removeFailed() : content) + text.value;
      problem.value = explain(error);
      // If the text cannot be stored, the box still shows it.
      void save().catch(() => undefined);
    } finally {
      isSendingFirst.current = false;
    }
  };

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Escape" && !event.isComposing) onEscape?.();
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
      <GroupEnd hasDraft={text.value !== ""} />
      {group && !isOver && <Mentions box={box} text={text} group={group} onType={type} />}
      {peerId && !isOver && fileParts.value && <fileParts.value.Attach />}
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
        readOnly={isOver}
        hidden={isOver && text.value === ""}
        {...(isNearlyFull(size) && { "aria-describedby": "room" })}
      />
      {peerId && fileParts.value && <fileParts.value.Voice peerId={peerId} isOver={isOver} />}
      {!isOver && (
        <button type="submit" class="round primary" aria-label="Send" disabled={isBlank(text.value) || left < 0}>
          <Icon name="send" />
        </button>
      )}
      <Room id="room" size={size} />
    </form>
  );
}
