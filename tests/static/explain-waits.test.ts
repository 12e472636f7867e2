import { expect, it } from "vitest";
import { duration } from "../../static/src/chat/explain.ts";

it.each([
  [0, "1 s"],
  [11.2, "12 s"],
  [99, "99 s"],
  [100, "2 min"],
  [5_940, "99 min"],
  [5_941, "2 h"],
  [7_201, "3 h"],
  [86_400, "24 h"],
])("a wait of %d seconds is said in words, and never as less: %s", (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});
