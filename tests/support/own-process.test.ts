import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { changesProcess, needsOwnProcess } from "./own-process.ts";

const CHANGES = [
  ["replaces a module", 'vi.mock("./a.ts");'],
  ["replaces a function", 'vi.spyOn(console, "error");'],
  ["replaces a global", 'vi.stubGlobal("fetch", fetch);'],
  ["stops the clock", "vi.useFakeTimers();"],
  ["loads modules anew", "vi.resetModules();"],
  ["sets a variable", 'process.env["PORT"] = "1";'],
  ["removes a variable", 'delete process.env["PORT"];'],
  ["listens to the process", 'process.on("exit", end);'],
  ["changes a bound", "LIMITS.live.wakeTime = 5;"],
  ["changes several bounds", "Object.assign(LIMITS.live, { wakeTime: 5 });"],
] as const;

const CHANGES_OF_GLOBALS = [
  ["sets a global", "globalThis.setTimeout = later;"],
  ["sets several globals", "Object.assign(globalThis, { later });"],
  ["replaces a method", "Blob.prototype.stream = other;"],
  ["defines a property", 'Object.defineProperty(process, "stdin", { value });'],
  ["brings a database", 'import "fake-indexeddb/auto";'],
] as const;

describe("code changes its process if it", () => {
  it.each([...CHANGES, ...CHANGES_OF_GLOBALS])("%s", (_, code) => {
    expect(changesProcess(code, false)).toBe(true);
  });

  it.each(CHANGES)("%s, also if it is of the page's tests", (_, code) => {
    expect(changesProcess(code, true)).toBe(true);
  });
});

describe("code does not change its process if it", () => {
  it.each(CHANGES_OF_GLOBALS)("%s in a browser", (_, code) => {
    expect(changesProcess(code, true)).toBe(false);
  });

  it.each([
    ["reads a variable", 'const port = process.env["PORT"] ?? "9000";'],
    ["compares a variable", 'if (process.env["PORT"] === "1") return;'],
    ["reads a bound", "expect(ids).toHaveLength(LIMITS.devices.most);"],
  ])("%s", (_, code) => {
    expect(changesProcess(code, false)).toBe(false);
  });
});

it.each([
  ["changes it", "support/functions.test.ts", true],
  ["imports what changes it", "functions/contract.test.ts", true],
  ["works in a browser", "page/delivery.test.ts", false],
  ["starts other processes", "cli/commands.test.ts", false],
])("a test file that %s: %s", (_, name, expected) => {
  expect(needsOwnProcess(fileURLToPath(new URL(`../${name}`, import.meta.url)))).toBe(expected);
});
