import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent, VNode } from "preact";
import { HistoryFiles } from "../../chat/historyFiles.ts";
import type { ImportReport } from "../../history/importing.ts";
import { useChat } from "../context.ts";
import { Dialog } from "./Dialog.tsx";
import { contentsOf, explainEnd } from "./explainImport.ts";
import { useFileWork } from "./useFileWork.ts";
import { Working } from "./Working.tsx";

/** Adds the history in a file to the history of this device. */
export function ImportDialog({ onClose }: { onClose(): void }): VNode {
  const { historyParts, session } = useChat();
  const { progress, problem, button, start, stop } = useFileWork();
  const report = useSignal<ImportReport | undefined>(undefined);

  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const file = new FormData(event.currentTarget).get("file");
    if (!(file instanceof File)) return;
    report.value = undefined;
    void start(async (watch) => {
      const done = await new HistoryFiles(...historyParts).import(file, watch);
      report.value = done;
      problem.value = explainEnd(done, session.username);
    });
  };

  return (
    <Dialog title="Import history" onClose={onClose}>
      <p>
        Adds the messages of an exported file to this device. What is already here stays as it is, and no message comes
        twice.
      </p>
      <form class="work" onSubmit={submit} aria-busy={progress.value !== undefined}>
        <label>
          File of an exported history
          <input name="file" type="file" required />
        </label>
        <button ref={button} type="submit" class="primary" disabled={progress.value !== undefined}>
          Import
        </button>
        {progress.value !== undefined && <Working label="Importing" progress={progress.value} onStop={stop} />}
        <div role="status">{report.value && contentsOf(report.value).map((line) => <p key={line}>{line}</p>)}</div>
        {problem.value !== undefined && (
          <p class="message-bar" role="alert">
            {problem.value}
          </p>
        )}
      </form>
    </Dialog>
  );
}
