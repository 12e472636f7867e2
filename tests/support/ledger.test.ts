import { beforeEach, describe, expect, it } from "vitest";
import { EXACTLY_ONCE, isInOrder, isLost, Ledger, nameOf } from "./ledger.ts";

const SENT = [
  ["a", 0],
  ["a", 1],
  ["a", 2],
  ["b", 0],
] as const;

describe("the ledger", () => {
  let ledger: Ledger;
  const begin = (sender: string, number: number): void => {
    const content = `${number} of ${sender}`;
    ledger.begin({ name: content, sender, content });
  };
  const deliver = (...contents: string[]): void => {
    for (const content of contents) ledger.deliver({ name: content, content, redelivered: false });
  };
  const redeliver = (content: string): void => ledger.deliver({ name: content, content, redelivered: true });
  beforeEach(() => {
    ledger = new Ledger();
    for (const [sender, number] of SENT) {
      begin(sender, number);
      ledger.accept(`${number} of ${sender}`);
    }
  });
  const expectAll = (verdict: object, { outOfOrder = [] as string[], newFlagged = [] as string[] } = {}): void => {
    expect(ledger.verdict()).toEqual({ ...EXACTLY_ONCE, ...verdict });
    expect(ledger.outOfOrder).toEqual(outOfOrder);
    expect(ledger.newFlagged).toEqual(newFlagged);
    expect(ledger).toMatchObject({ begun: 4, accepted: 4 });
  };

  it("agrees when each message came once, in the order of its sender", () => {
    deliver("0 of a", "0 of b", "1 of a", "2 of a");
    expectAll({});
    expect(ledger.deliveries).toBe(4);
  });

  it("names a message that did not come", () => {
    deliver("0 of a", "2 of a", "0 of b");
    expectAll({ lost: ["1 of a"] });
    expect(ledger.entries.filter(isLost)).toEqual([ledger.entryOf("1 of a")]);
  });

  it("asks nothing for a message that was not accepted", () => {
    deliver("0 of a", "0 of b", "1 of a", "2 of a");
    begin("b", 1);
    expect(ledger.verdict()).toEqual(EXACTLY_ONCE);
    expect(ledger).toMatchObject({ begun: 5, accepted: 4 });
  });

  it("knows a message as one, however often it is begun and accepted", () => {
    begin("a", 0);
    ledger.accept("0 of a");
    deliver("0 of a", "0 of b", "1 of a", "2 of a");
    expectAll({});
  });

  it("does not let a message be accepted that nobody began", () => {
    expect(() => ledger.accept("9 of a")).toThrow("never begun: 9 of a");
  });

  it("names each further delivery without a flag, and calls none of them out of order", () => {
    deliver("0 of a", "1 of a", "0 of a", "2 of a", "0 of a", "0 of b");
    expectAll({ repeated: ["0 of a", "0 of a"] });
  });

  it("tells a flagged repeat from an unflagged one", () => {
    deliver("0 of a", "1 of a", "2 of a", "0 of b", "2 of a");
    redeliver("2 of a");
    expectAll({ repeated: ["2 of a"], repeatedFlagged: ["2 of a"] });
  });

  it("tells a flag on what came for the first time, which is no repeat", () => {
    deliver("0 of a", "1 of a", "2 of a");
    redeliver("0 of b");
    expectAll({}, { newFlagged: ["0 of b"] });
  });

  it("names what came after a later message of the same sender, and not of another one", () => {
    deliver("0 of b", "2 of a", "0 of a", "1 of a");
    expectAll({}, { outOfOrder: ["0 of a", "1 of a"] });
  });

  it("names what nobody sent, and what has another content", () => {
    deliver("0 of a", "1 of a", "1 of", "2 of a");
    ledger.deliver({ name: "0 of b", content: "0 of", redelivered: false });
    expectAll({ foreign: ["1 of", "0 of"] });
  });

  it("counts the answers that have a message as new, also those that reach no client", () => {
    for (const redelivered of [false, true, false]) ledger.handOut({ name: "0 of a", redelivered });
    expect(ledger.entries.map(({ handedOutAsNew }) => handedOutAsNew)).toEqual([2, 0, 0, 0]);
    expect(ledger.deliveries).toBe(0);
  });

  it("names what an answer had that nobody sent, though no client got it", () => {
    deliver("0 of a", "0 of b", "1 of a", "2 of a");
    for (const redelivered of [false, true]) ledger.handOut({ name: "9 of a", redelivered });
    expectAll({ foreign: ["9 of a", "9 of a"] });
  });
});

describe("the order of a batch", () => {
  it("is that of the names: by the message's id, and then by its sender", () => {
    const names = [
      { messageId: "1", senderId: "b" },
      { messageId: "2", senderId: "a" },
      { messageId: "2", senderId: "b" },
    ].map(nameOf);
    expect(isInOrder(names)).toBe(true);
    expect(isInOrder([])).toBe(true);
    const [first, second, third] = names as [string, string, string];
    expect(isInOrder([second, first, third])).toBe(false);
    expect(isInOrder([first, third, second])).toBe(false);
  });
});
