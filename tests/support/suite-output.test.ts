import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { FOLDER, plant, readSuiteOutput } from "./suite-output.ts";

it("what may stand in a log by chance is counted and not looked for", () => {
  const folder = mkdtempSync(join(tmpdir(), "gotalk-output-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  vi.stubEnv(FOLDER, folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const known = ["a private text", "xxxxxxxxxxxxxy", "x".repeat(16_384), "\u{1f600}".repeat(1_000)];
  for (const text of [...known, "a short one", "x".repeat(64), "\u{1f600}".repeat(40), "\0".repeat(14)])
    plant("test", text);
  const { secrets, omitted } = readSuiteOutput(folder);
  expect(secrets.map(({ text }) => text)).toEqual(known);
  expect(omitted).toEqual({ short: 4, many: 0 });
});
