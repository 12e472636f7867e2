import { useSignal } from "@preact/signals";
import type { TargetedEvent, VNode } from "preact";
import { useId } from "preact/hooks";
import { CONTENT_BYTES } from "../../../../lib/contract/limits.ts";
import { isBlank } from "../../../../lib/contract/visible.ts";
import { explain } from "../../chat/explain.ts";
import type { Timeline } from "../../chat/timeline.ts";
import type { StoredMessage } from "../../storage/records.ts";
import { byteLength } from "../../text/bytes.ts";
import { useChat } from "../context.ts";
import { isNearlyFull, Room } from "../Room.tsx";
import { isSendKey, pointers } from "../sendKey.ts";
import { Dialog } from "./Dialog.tsx";

interface EditDialogProps {
  readonly timeline: Timeline;
  readonly message: StoredMessage;
  /** The new text so far. */
  readonly text: string;
  /** The message was deleted meanwhile. */
  readonly isDeleted?: boolean;
  /** The dialog is closed. */
  onClose(): void;
}

/** Gives a message of the user a new text. What is typed is stored at every key, and comes back after a reload. */
export function EditDialog({ timeline, message, text: begun, isDeleted = false, onClose }: EditDialogProps): VNode {
  const chat = useChat();
  const room = useId();
  const text = useSignal(begun);
  const problem = useSignal<string | undefined>(undefined);
  const size = byteLength(text.value);
  const isRefused = isDeleted || isBlank(text.value) || size > CONTENT_BYTES;
  const save = async (event: TargetedEvent<HTMLElement>) => {
    const dialog = event.currentTarget.closest("dialog");
    if (isRefused) return;
    try {
      if (text.value !== message.content) await chat.writing.say("edit", message, text.value);
      // It gives the focus back.
      dialog?.close();
    } catch (error) {
      problem.value = explain(error);
    }
  };
  const type = (value: string) => {
    text.value = value;
    problem.value = undefined;
    chat.reading.begun.keepEdit(timeline, message, value).catch((error: unknown) => {
      problem.value = `${explain(error)} What you type here is not stored.`;
    });
  };
  return (
    <Dialog
      title="Edit message"
      onCancel={() => chat.reading.begun.deleteEdit(timeline)}
      onClose={() => {
        chat.reading.begun.edit(timeline, undefined);
        onClose();
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save(event);
        }}
      >
        <label>
          New text
          <textarea
            rows={4}
            dir="auto"
            value={text.value}
            readOnly={isDeleted}
            onInput={(event) => type(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (!isSendKey(event, pointers())) return;
              event.preventDefault();
              void save(event);
            }}
            {...(isNearlyFull(size) && { "aria-describedby": room })}
          />
        </label>
        <Room id={room} size={size} />
        {problem.value !== undefined && <p role="alert">{problem.value}</p>}
        {isDeleted && (
          <p role="alert">The message was deleted meanwhile, so it cannot be edited. You can copy your text.</p>
        )}
        <button type="submit" class="primary" disabled={isRefused}>
          Save
        </button>
      </form>
    </Dialog>
  );
}
