import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { mistakes, withMistake } from "./mistakes.ts";

it.each(mistakes)("the code has what is replaced for: $name", (mistake) => {
  const files = [...new Set(mistake.edits.map(({ file }) => file))];
  expect(files).not.toEqual([]);
  for (const file of files) {
    const source = readFileSync(file, "utf8");
    expect(withMistake(mistake, file, source)).not.toBe(source);
  }
});
