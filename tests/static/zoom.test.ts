import { describe, expect, it } from "vitest";
import { FITTING, swipe, within, zoomedAt } from "../../static/src/files/zoom.ts";

describe("a picture that is zoomed", () => {
  it("keeps what is under the fingers there", () => {
    const at = { x: 50, y: -20 };
    const zoomed = zoomedAt(FITTING, 2, at);
    // The point of the picture that was under the fingers: its place is scale times its own, and moved.
    expect([50 * zoomed.scale + zoomed.x, -20 * zoomed.scale + zoomed.y]).toEqual([50, -20]);
    expect(zoomedAt(zoomed, 0.5, at)).toEqual(FITTING);
  });

  it("is never smaller than as a whole, nor larger than eight times", () => {
    expect(zoomedAt(FITTING, 0.1, { x: 9, y: 9 })).toEqual(FITTING);
    expect(zoomedAt(FITTING, 100, { x: 0, y: 0 }).scale).toBe(8);
  });

  it("leaves no gap at its edges, and lies in the middle where it is smaller than its frame", () => {
    const frame = { width: 300, height: 600 };
    const picture = { width: 300, height: 200 };
    expect(within({ scale: 2, x: 1_000, y: 1_000 }, frame, picture)).toEqual({ scale: 2, x: 150, y: 0 });
    expect(within({ scale: 4, x: -1_000, y: -1_000 }, frame, picture)).toEqual({ scale: 4, x: -450, y: -100 });
  });
});

describe("a finger on a picture", () => {
  it.each([
    [{ x: -80, y: 10 }, "next"],
    [{ x: 80, y: -10 }, "previous"],
    [{ x: 10, y: 80 }, "close"],
    [{ x: 10, y: -80 }, undefined],
    [{ x: 40, y: 20 }, undefined],
  ])("that goes %j means %s", (way, what) => {
    expect(swipe(way)).toBe(what);
  });
});
