import { describe, expect, it } from "vitest";
import type { ImportReport, Refusal } from "../../static/src/history/importing.ts";
import { contentsOf, explainEnd } from "../../static/src/view/dialogs/explainImport.ts";

const REPORT: ImportReport = {
  ...{ added: 5, known: 0, changed: 0, damaged: 0, firstDamaged: undefined, leftOut: 0 },
  end: { kind: "whole" },
};
const refused = (reason: Refusal): ImportReport => ({ ...REPORT, added: 0, end: { kind: "refused", reason } });
const failed = (error: unknown): ImportReport => ({ ...REPORT, end: { kind: "failed", error } });

describe("what a file has brought", () => {
  it.each<[Partial<ImportReport>, string[]]>([
    [{}, ["5 messages added."]],
    [{ added: 1_200 }, ["1,200 messages added."]],
    [{ added: 0, known: 1 }, ["0 messages added.", "1 message already here."]],
    [{ known: 2 }, ["5 messages added.", "2 messages already here."]],
    [
      { damaged: 1, firstDamaged: 1_007 },
      ["5 messages added.", "1 line of the file is damaged and left out. It is line 1,007."],
    ],
    [
      { damaged: 2, firstDamaged: 7 },
      ["5 messages added.", "2 lines of the file are damaged and left out. The first one is line 7."],
    ],
    [
      { leftOut: 1 },
      [
        "5 messages added.",
        "This file has more than 10,000 people, and no more are taken from one file. 1 line about the others is left out.",
      ],
    ],
    [
      { leftOut: 1_200 },
      [
        "5 messages added.",
        "This file has more than 10,000 people, and no more are taken from one file. 1,200 lines about the others are left out.",
      ],
    ],
    [
      { end: { kind: "stopped" } },
      ["5 messages added.", "You have stopped the import. To add the rest, import the file again."],
    ],
  ])("is told: %j", (report, told) => {
    expect(contentsOf({ ...REPORT, ...report })).toEqual(told);
  });

  it("is not told of a file that is refused at once, and is where that was later", () => {
    const report = refused({ kind: "foreign" });
    expect(contentsOf(report)).toEqual([]);
    for (const one of ["added", "known", "damaged", "leftOut"]) {
      for (const other of ["added", "known", "damaged", "leftOut"]) {
        expect(contentsOf({ ...report, [one]: 1, [other]: 1 })).not.toEqual([]);
      }
    }
    expect(contentsOf({ ...REPORT, added: 0, end: { kind: "cut" } })).toEqual(["0 messages added."]);
  });
});

describe("why not all of a file was taken", () => {
  it.each<[string, ImportReport, string | undefined]>([
    ["all was", REPORT, undefined],
    ["the person stopped it", { ...REPORT, end: { kind: "stopped" } }, undefined],
    [
      "its end is missing",
      { ...REPORT, end: { kind: "cut" } },
      "The end of the file is missing, and messages may be missing with it. Export it again.",
    ],
    ["it is empty", refused({ kind: "empty" }), "This file is empty."],
    ["it is another program's", refused({ kind: "foreign" }), "This is not a history that goTalk has exported."],
    [
      "it is newer",
      refused({ kind: "newer" }),
      "This file is of a newer version of goTalk. Reload the page to get that version, then import the file again.",
    ],
    [
      "it is another user's",
      refused({ kind: "other user", username: "bob" }),
      "This is the history of bob. You are logged in as alice.",
    ],
    [
      "it has changed",
      failed(new DOMException("", "NotReadableError")),
      "The file cannot be read any more: it was changed or removed. To add the rest, import the file again.",
    ],
    [
      "it is gone",
      failed(new DOMException("", "NotFoundError")),
      "The file cannot be read any more: it was changed or removed. To add the rest, import the file again.",
    ],
    [
      "the storage is full",
      failed(new DOMException("", "QuotaExceededError")),
      "The storage of this browser is full. Free some space, then try again. To add the rest, import the file again.",
    ],
    [
      "of a fault",
      failed(Object.assign(new Error("fault"), { name: "NotFoundError" })),
      "Something unexpected went wrong in this page. To add the rest, import the file again.",
    ],
  ])("is told: %s", (_, report, told) => {
    expect(explainEnd(report, "alice")).toBe(told);
  });
});
