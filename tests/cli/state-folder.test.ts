import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { requireWritable, writeState } from "../../cli/state-folder.ts";
import { temporaryFolder } from "../support/folders.ts";

it("a state is written past the half-written one of another container's process with the same number", () => {
  const folder = temporaryFolder();
  const file = join(folder, "session.json");
  const other = `${file}.${process.pid}.tmp`;
  writeFileSync(other, "half");
  requireWritable(file);
  writeState(file, { of: "this process" });
  expect(readFileSync(file, "utf8")).toBe('{"of":"this process"}\n');
  expect(readFileSync(other, "utf8")).toBe("half");
  expect(readdirSync(folder)).toHaveLength(2);
});
