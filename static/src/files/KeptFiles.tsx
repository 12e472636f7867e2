import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { deleteKept, type Kept, kept, MOST_KEPT } from "../storage/files.ts";
import { counted } from "../text/counts.ts";
import { sizeText } from "../text/sizes.ts";
import { useChat } from "../view/context.ts";
import { Dialog } from "../view/dialogs/Dialog.tsx";
import { useAttempt } from "../view/dialogs/useAttempt.ts";

/** How much room the files take that this device keeps, and how to get it back. */
export function KeptFiles({ onClose }: { onClose(): void }): VNode {
  const { database } = useChat().fileHost;
  const here = useSignal<Kept | undefined>(undefined);
  const { problem, isBusy, attempt } = useAttempt();
  const close = useRef<HTMLDivElement>(null);
  const read = async () => {
    here.value = await kept(database);
  };
  useEffect(() => void attempt(read), []);
  const remove = () =>
    attempt(async () => {
      await deleteKept(database);
      await read();
      // The button that has the focus is about to disappear.
      close.current?.closest("dialog")?.querySelector<HTMLElement>("button")?.focus();
    });
  return (
    <Dialog title="Files on this device" onClose={onClose}>
      <div ref={close} class="work">
        <p>
          Pictures and files that you have sent or opened are kept in this browser, up to {sizeText(MOST_KEPT)}. When
          there is no more room, the oldest ones are removed. They are loaded again when you look at them, as long as
          the server has them: 60 days.
        </p>
        <div role="status">{here.value && <Room {...here.value} />}</div>
        {here.value !== undefined && here.value.count > 0 && (
          <button type="button" class="danger" disabled={isBusy.value} onClick={() => void remove()}>
            Remove the files from this device
          </button>
        )}
        {problem.value !== undefined && (
          <p class="message-bar" role="alert">
            {problem.value}
          </p>
        )}
      </div>
    </Dialog>
  );
}

const Room = ({ count, bytes }: Kept): VNode => (
  <>
    <p>
      {count === 0 ? "No files are kept." : `${counted(count, "file")}, ${sizeText(bytes)} of ${sizeText(MOST_KEPT)}.`}
    </p>
    <meter aria-label="Room for files" max={MOST_KEPT} value={bytes} />
  </>
);
