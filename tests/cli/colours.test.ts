import { afterEach, expect, it, vi } from "vitest";
import { coloured, colourOf, hasColours } from "../../cli/colours.ts";

const stdout = { isTTY: process.stdout.isTTY, hasColors: process.stdout.hasColors };
afterEach(() => void Object.assign(process.stdout, stdout));

it.each([
  ["", "cyan"],
  ["anna", "blue"],
  ["carl", "yellow"],
  ["💻", "green"],
  ["0195f3a0-1234-4000-9000-0123456789ab", "magenta"],
])("the user %j has the same colour in each run: %s", (id, colour) => {
  expect(colourOf(id)).toBe(colour);
});

it("a text is coloured wherever it goes, and nothing has no text", () => {
  expect(coloured("blue", "anna")).toBe("\u001b[34manna\u001b[39m");
  expect(coloured("dim", undefined)).toBe("\u001b[2m\u001b[22m");
});

it.each([
  [true, true, true],
  [true, false, false],
  [false, true, false],
  [undefined, true, false],
])("where stdout is a terminal: %s, which has colours: %s, texts are coloured: %s", (isTTY, has, expected) => {
  Object.assign(process.stdout, { isTTY, hasColors: vi.fn(() => has) });
  expect(hasColours()).toBe(expected);
});
