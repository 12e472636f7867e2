import { expect, it } from "vitest";
import { ProblemError } from "../../lib/client/index.ts";
import { duration, explain } from "../../static/src/chat/explain.ts";

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

it.each([
  ["too_many_attempts", "Try again in 540 seconds.", "Too many attempts. Try again in 9 min."],
  ["too_many_requests", "You ask too often. Try again in 540 seconds.", "You ask too often. Try again in 9 min."],
  [
    "too_many_requests",
    "Too many of your devices are still being removed. Try again in 540 seconds.",
    "Too many of your devices are still being removed. Try again in 9 min.",
  ],
])("a refusal %s says why, and when to go on: %s", (code, detail, words) => {
  expect(explain(new ProblemError({ status: 429, code, detail, retryAfter: 540 }))).toBe(words);
});
