import { describe, expect, it } from "vitest";
import { isMet, ofBundles } from "../../bench/measures.ts";
import { FUNCTIONS } from "../support/bundles.ts";

describe("the bound of a bundle", () => {
  it("is of every function, and is met up to 500,000 bytes", () => {
    const measures = ofBundles(Object.fromEntries(FUNCTIONS.map((name, extra) => [name, 499_999 + extra])));
    expect(measures.map(({ name }) => name)).toEqual(FUNCTIONS.map((name) => `${name}: bundle, bytes`));
    expect(FUNCTIONS).toContain("push");
    expect(measures.map(isMet)).toEqual(FUNCTIONS.map((_, extra) => extra <= 1));
    expect(measures.every(({ isCount }) => isCount)).toBe(true);
  });
});
