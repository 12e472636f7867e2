import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { POINTS } from "./points.ts";

const FOLDER = new URL("./", import.meta.url);
const OWN = "points.test.ts";

/** The names of the page's tests, as they are written. */
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".test.ts") && file !== OWN)
  .map((file) => readFileSync(new URL(file, FOLDER), "utf8"))
  .flatMap((source) => [...source.matchAll(/^ {2,4}it(?:\.(?:each|skipIf)\([^\n]*?\))?\(\s*"([^"]+)"/gm)])
  .map(([, name = ""]) => name);

it("each of the points is shown by tests that exist", () => {
  const numbers = [...Array.from({ length: 29 }, (_, index) => index + 1), 31, 32, 33, 34, 35, 36, 37];
  expect(Object.keys(POINTS)).toEqual(numbers.map(String));
  const missing = Object.entries(POINTS).flatMap(([point, { shownBy }]) =>
    shownBy.filter((start) => !names.some((name) => name.startsWith(start))).map((start) => `${point}: ${start}`),
  );
  expect(missing).toEqual([]);
  expect(Object.values(POINTS).filter(({ shownBy }) => shownBy.length === 0)).toEqual([]);
});
