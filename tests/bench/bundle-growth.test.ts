import { describe, expect, it } from "vitest";
import { growthsOf } from "../../bench/bundle-growth.ts";

const report = (bytes: number) => ({ bytes, packages: {} });
const isTooLarge = (before: number, after: number) =>
  growthsOf({ send: report(before) }, { send: report(after) }).map((growth) => growth.isTooLarge);

describe("the growth of a bundle", () => {
  it("may be 5%, and no byte more", () => {
    expect(isTooLarge(100_000, 90_000)).toEqual([false]);
    expect(isTooLarge(100_000, 105_000)).toEqual([false]);
    expect(isTooLarge(100_000, 105_001)).toEqual([true]);
  });

  it("is too much for a function that the report does not know", () => {
    expect(growthsOf({}, { live: report(1) })).toEqual([{ name: "live", bytes: 1, allowed: 0, isTooLarge: true }]);
  });
});
