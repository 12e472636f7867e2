import { expect, it } from "vitest";
import { contentsOf } from "../../static/src/view/dialogs/explainImport.ts";

const REPORT = { added: 5, known: 0, damaged: 0, firstDamaged: undefined, end: { kind: "whole" } } as const;

it("an import says in plain words that a file has too many people", () => {
  expect(contentsOf({ ...REPORT, leftOut: 0 })).toEqual(["5 messages added."]);
  expect(contentsOf({ ...REPORT, leftOut: 1 })[1]).toBe(
    "This file has more than 10,000 people, and no more are taken from one file. 1 line about the others is left out.",
  );
  expect(contentsOf({ ...REPORT, leftOut: 1_200 })[1]).toMatch(/1,200 lines about the others are left out\.$/);
});
