import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { HistoryFiles } from "../../chat/historyFiles.ts";
import type { HistoryFile } from "../../history/exporting.ts";
import { counted } from "../../text/counts.ts";
import { useChat } from "../context.ts";
import { Dialog } from "./Dialog.tsx";
import { useFileWork } from "./useFileWork.ts";
import { Working } from "./Working.tsx";

/** Milliseconds until the page lets go of a file: WebKit reads it some time after the click that saves it. */
const SAVED_AFTER = 60_000;

/** Saves the history of this device as a file. */
export function ExportDialog({ onClose }: { onClose(): void }): VNode {
  const { historyParts } = useChat();
  const { progress, problem, button, start, stop } = useFileWork();
  const file = useSignal<(HistoryFile & { readonly url: string }) | undefined>(undefined);
  const link = useRef<HTMLAnchorElement>(null);
  const release = () => {
    const url = file.value?.url;
    if (url !== undefined) setTimeout(() => URL.revokeObjectURL(url), SAVED_AFTER);
    file.value = undefined;
  };
  useEffect(() => release, []);
  // The browser saves the file when its link is clicked.
  useEffect(() => link.current?.click(), [file.value]);

  const run = () =>
    start(async (watch) => {
      release();
      const exported = await new HistoryFiles(...historyParts).export(watch);
      // A dialog that is closed by now would never let go of the file.
      if (exported !== undefined && !watch.signal.aborted) {
        file.value = { ...exported, url: URL.createObjectURL(exported.blob) };
      }
    });

  return (
    <Dialog title="Export history" onClose={onClose}>
      <p>
        Saves the conversations of this device as a file: a backup, or a way to bring them to another device. There,
        choose “Import history”.
      </p>
      <ul class="points">
        <li>The file is not encrypted. Keep it where only you can read it.</li>
        <li>Drafts and messages that are not sent yet stay here.</li>
      </ul>
      <div class="work">
        <button ref={button} type="button" class="primary" disabled={progress.value !== undefined} onClick={run}>
          Export
        </button>
        {progress.value !== undefined && <Working label="Exporting" progress={progress.value} onStop={stop} />}
        <div role="status">{file.value && <Done {...file.value} />}</div>
        {file.value && (
          <a ref={link} href={file.value.url} download={file.value.name}>
            Save the file again
          </a>
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

function Done({ messages, damaged, name }: HistoryFile): VNode {
  return (
    <>
      <p>
        {counted(messages, "message")} exported as <strong>{name}</strong>.
      </p>
      {damaged > 0 && <p>{counted(damaged, "damaged message")} left out.</p>}
    </>
  );
}
