import { expect } from "vitest";

/*
 * In each test process: a regular expression equals no text. `toMatchObject` compares the members of what is expected, and
 * a regular expression has none, so that it would take any text for a match. `expect.stringMatching` is what is meant.
 */
expect.addEqualityTesters([
  (received, expected) => (expected instanceof RegExp && typeof received === "string" ? false : undefined),
]);
