import { expect, it } from "vitest";
import { Bursts } from "./bursts.ts";
import type { Call } from "./call.ts";

const call = (name: string): Call => ({ name, began: 0, moment: 0, state: "open" });
const [one, other] = [call("one"), call("other")];

/** How many commands a call makes in one go. */
function lengthOf(bursts: Bursts): number {
  bursts.begin(one);
  for (let length = 0; ; length++) {
    bursts.done(one);
    if (!bursts.goOn(one)) return length;
  }
}

it("are as long as planned, from the start again after the last one", () => {
  const bursts = new Bursts([2, 0, 5]);
  expect([1, 2, 3, 4].map(() => lengthOf(bursts))).toEqual([2, 0, 5, 2]);
  expect(lengthOf(new Bursts([]))).toBe(0);
});

it("are those of one call, and one command after the other", () => {
  const bursts = new Bursts([3]);
  bursts.begin(one);
  expect(bursts.goOn(one)).toBe(false);
  bursts.done(other);
  expect(bursts.goOn(one)).toBe(false);
  bursts.done(one);
  expect(bursts.goOn(other)).toBe(false);
  expect(bursts.goOn(one)).toBe(true);
});
