import type { ComponentChildren, VNode } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Icon } from "../icons.tsx";

interface DialogProps {
  readonly title: string;
  onClose(): void;
  /** The person closes it. Called at once, while browsers say with the next frame only that a dialog is closed. */
  onCancel?(): void;
  readonly children: ComponentChildren;
}

/** The fields that a person fills in. The hidden ones are for password managers. */
const FIELD = 'input:not([hidden], [data-unfocused="true"]), textarea';

/** Gives the focus to the first field of a dialog, or of a part that has come into it, if there is one. */
export const focusField = (part: Element | null | undefined): void => part?.querySelector<HTMLElement>(FIELD)?.focus();

/** Closes the dialog around an element. It gives the focus back, which it does not where it is only removed. */
export const closeAround = (element: Element | null | undefined): void => element?.closest("dialog")?.close();

/** Closes all dialogs, as a browser does when a link is followed. */
export function closeAll(): void {
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
}

/**
 * A modal dialog. The browser keeps the focus in it, and gives it back afterwards. Its first field gets the focus.
 * Without a field the close button gets it, which is harmless.
 */
export function Dialog({ title, onClose, onCancel, children }: DialogProps): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
    focusField(dialog.current);
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={onClose} onCancel={onCancel}>
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button
          type="button"
          class="round"
          aria-label="Close"
          onClick={() => {
            onCancel?.();
            dialog.current?.close();
          }}
        >
          <Icon name="close" />
        </button>
      </div>
      {children}
    </dialog>
  );
}
