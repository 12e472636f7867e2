import { explain } from "../../chat/explain.ts";
import { MOST_PEOPLE } from "../../history/format.ts";
import type { ImportReport, Refusal } from "../../history/importing.ts";
import { counted } from "../../text/counts.ts";

const AGAIN = "To add the rest, import the file again.";

/** Says what a file has brought. Empty if it was refused before that. */
export function contentsOf(report: ImportReport): readonly string[] {
  const { added, known, damaged, firstDamaged = 0, leftOut, end } = report;
  if (end.kind === "refused" && added + known + damaged + leftOut === 0) return [];
  const isOne = damaged === 1;
  return [
    `${counted(added, "message")} added.`,
    ...(known > 0 ? [`${counted(known, "message")} already here.`] : []),
    ...(damaged > 0
      ? [
          `${counted(damaged, "line")} of the file ${isOne ? "is" : "are"} damaged and left out. ` +
            `${isOne ? "It is" : "The first one is"} line ${firstDamaged.toLocaleString()}.`,
        ]
      : []),
    ...(leftOut > 0
      ? [
          `This file has more than ${MOST_PEOPLE.toLocaleString()} people, and no more are taken from one file. ` +
            `${counted(leftOut, "line")} about the others ${leftOut === 1 ? "is" : "are"} left out.`,
        ]
      : []),
    ...(end.kind === "stopped" ? [`You have stopped the import. ${AGAIN}`] : []),
  ];
}

/** Says why not all of a file was taken, if the person has to do something about it. */
export function explainEnd({ end }: ImportReport, username: string): string | undefined {
  if (end.kind === "cut")
    return "The end of the file is missing, and messages may be missing with it. Export it again.";
  if (end.kind === "failed") return `${explainFailure(end.error)} ${AGAIN}`;
  return end.kind === "refused" ? explainRefusal(end.reason, username) : undefined;
}

function explainFailure(error: unknown): string {
  const isUnreadable = error instanceof DOMException && ["NotReadableError", "NotFoundError"].includes(error.name);
  return isUnreadable ? "The file cannot be read any more: it was changed or removed." : explain(error);
}

function explainRefusal(reason: Refusal, username: string): string {
  switch (reason.kind) {
    case "empty":
      return "This file is empty.";
    case "foreign":
      return "This is not a history that goTalk has exported.";
    case "newer":
      return "This file is of a newer version of goTalk. Reload the page to get that version, then import the file again.";
    case "other user":
      return `This is the history of ${reason.username}. You are logged in as ${username}.`;
  }
}
