import { describe, expect, it } from "vitest";
import { eachOf } from "../../../lib/runtime/each-of.ts";

const turn = () => new Promise(setImmediate);

describe("eachOf", () => {
  it("gives the results in the order of what they are made of", async () => {
    const work = async (one: number) => {
      for (let turns = 0; turns < 5 - one; turns++) await turn();
      return 10 * one;
    };
    expect(await eachOf([1, 2, 3, 4], 2, work)).toEqual([10, 20, 30, 40]);
    expect(await eachOf([], 2, work)).toEqual([]);
  });

  it.each([
    [1, 1],
    [3, 3],
    [20, 7],
  ])("has %i under way at the same time, at most", async (atOnce, most) => {
    let [underWay, highest] = [0, 0];
    await eachOf([1, 2, 3, 4, 5, 6, 7], atOnce, async () => {
      underWay++;
      highest = Math.max(highest, underWay);
      await turn();
      underWay--;
    });
    expect(highest).toBe(most);
  });

  it("fails as the first one does, once all have ended", async () => {
    const ended: number[] = [];
    const work = async (one: number) => {
      if (one === 3) throw new RangeError("three");
      for (let turns = 0; turns < 5; turns++) await turn();
      ended.push(one);
      if (one === 2) throw new TypeError("two");
    };
    await expect(eachOf([1, 2, 3, 4], 2, work)).rejects.toThrow(TypeError);
    expect(ended.toSorted()).toEqual([1, 2, 4]);
  });
});
