import { describe, expect, it } from "vitest";
import { judge, type Sent, type Taken } from "./ledger.ts";

const message = (sender: number, number: number): Sent => ({ sender, number, content: `${number} of ${sender}` });
const SENT = [message(0, 0), message(0, 1), message(0, 2), message(1, 0)];
const EXACT = { sent: 4, lost: 0, repeated: 0, repeatedFlagged: 0, outOfOrder: 0, newFlagged: 0, foreign: 0 };

const taken = (...contents: string[]): Taken[] => contents.map((content) => ({ content, flagged: false }));
const flagged = (content: string): Taken => ({ content, flagged: true });

describe("the ledger of the comparison", () => {
  it("holds when each message came once, in the order of its sender", () => {
    expect(judge(SENT, taken("0 of 0", "0 of 1", "1 of 0", "2 of 0"))).toEqual(EXACT);
  });

  it("counts a message that did not come", () => {
    expect(judge(SENT, taken("0 of 0", "2 of 0", "0 of 1"))).toEqual({ ...EXACT, lost: 1 });
  });

  it("counts each further delivery without a mark, and calls none of them out of order", () => {
    const twice = taken("0 of 0", "1 of 0", "0 of 0", "2 of 0", "0 of 0", "0 of 1");
    expect(judge(SENT, twice)).toEqual({ ...EXACT, repeated: 2 });
  });

  it("counts a marked repeat apart from an unmarked one", () => {
    const again = [...taken("0 of 0", "1 of 0", "2 of 0", "0 of 1", "2 of 0"), flagged("2 of 0")];
    expect(judge(SENT, again)).toEqual({ ...EXACT, repeated: 1, repeatedFlagged: 1 });
  });

  it("counts a mark on what came for the first time, which is no repeat", () => {
    const late = [...taken("0 of 0", "1 of 0", "2 of 0"), flagged("0 of 1")];
    expect(judge(SENT, late)).toEqual({ ...EXACT, newFlagged: 1 });
  });

  it("counts what came after a later message of the same sender, and not of another one", () => {
    expect(judge(SENT, taken("0 of 1", "2 of 0", "0 of 0", "1 of 0"))).toEqual({ ...EXACT, outOfOrder: 2 });
  });

  it("counts what nobody sent", () => {
    expect(judge(SENT, taken("0 of 0", "1 of 0", "1 of", "2 of 0", "0 of 1"))).toEqual({ ...EXACT, foreign: 1 });
  });
});
