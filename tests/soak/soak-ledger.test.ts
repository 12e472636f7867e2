import { beforeEach, describe, expect, it } from "vitest";
import type { Batch, Message, TextMessage } from "../../lib/client/index.ts";
import { SoakLedger } from "./soak-ledger.ts";

const MESSAGE: TextMessage = {
  messageId: "m1",
  senderId: "alice",
  senderName: "Alice",
  content: "Hello",
  sentAt: "2026-01-01T00:00:00Z",
  redelivered: false,
};
const batch = (receipt: string, ...messages: Message[]): Batch => ({ receipt, messages, more: false });
const also = (change: Partial<TextMessage>): Message => ({ ...MESSAGE, ...change });

describe("the soak's ledger", () => {
  let ledger: SoakLedger;
  const arrive = (message: Message, receipt: string, device = "phone"): void => {
    ledger.handed("bob", device, batch(receipt, message));
    ledger.keep(message, "bob", device);
  };
  beforeEach(() => {
    ledger = new SoakLedger();
    ledger.begin(MESSAGE, ["bob"], MESSAGE.content);
    ledger.accept(MESSAGE);
  });

  it("holds when a message was kept once", () => {
    arrive(MESSAGE, "r1");
    expect(ledger.verdict()).toEqual([]);
    expect(ledger.totals()).toMatchObject({ messages: 1, answered: 1, "kept once, as new": 1 });
  });

  it("names a message that was answered and never came, with its history", () => {
    expect(ledger.verdict()).toEqual([expect.stringMatching(/^lost: m1#alice at bob to bob.*, answered\n.*answered/)]);
  });

  it("asks nothing for a message that was never answered", () => {
    ledger.begin(also({ messageId: "m2" }), ["bob"], "Hello");
    arrive(MESSAGE, "r1");
    expect(ledger.verdict()).toEqual([]);
  });

  it("lets a batch come again flagged, under its receipt and under another", () => {
    arrive(MESSAGE, "r1");
    ledger.handed("bob", "phone", batch("r1", also({ redelivered: true })));
    arrive(also({ redelivered: true }), "r2", "laptop");
    expect(ledger.verdict()).toEqual([]);
    expect(ledger.totals()).toMatchObject({ "kept again, flagged": 1 });
  });

  it.each([
    ["under its receipt", "r1"],
    ["under another", "r2"],
  ])("sees a message that was handed out as new twice, %s, though a client hid it", (_, receipt) => {
    arrive(MESSAGE, "r1");
    ledger.handed("bob", "phone", batch(receipt, MESSAGE));
    expect(ledger.verdict()).toEqual([expect.stringContaining("handed out as new more than once")]);
  });

  it("sees a message that was kept twice", () => {
    arrive(MESSAGE, "r1");
    ledger.keep(MESSAGE, "bob", "laptop");
    expect(ledger.verdict()).toEqual([expect.stringContaining("kept twice, unflagged")]);
  });

  it("sees a message that reached a client and was not kept", () => {
    ledger.handed("bob", "phone", batch("r1", MESSAGE));
    expect(ledger.verdict()[0]).toContain("reached a client, and was not kept");
  });

  it.each([
    ["never sent", also({ messageId: "m9" }), "bob"],
    ["another content", also({ content: "Hell" }), "bob"],
    ["at the wrong receiver", MESSAGE, "carol"],
  ])("sees a message that was %s", (complaint, message, receiver) => {
    arrive(MESSAGE, "r1");
    ledger.keep(message, receiver, "phone");
    expect(ledger.verdict().join()).toContain(complaint);
  });

  it("sees a batch out of order, and two batches with one receipt", () => {
    const second = also({ messageId: "m2" });
    ledger.begin(second, ["bob"], "Hello");
    arrive(MESSAGE, "r0");
    ledger.handed("bob", "phone", batch("r1", second, MESSAGE));
    ledger.handed("bob", "phone", batch("r0", second));
    expect(ledger.verdict().slice(0, 2)).toEqual([
      expect.stringContaining("out of order"),
      expect.stringContaining("two batches with the receipt r0"),
    ]);
  });

  it("excuses as many messages as an unheard sync may have taken, of its receiver", () => {
    const others = ["m2", "m3"].map((messageId) => also({ messageId }));
    for (const message of others) {
      ledger.begin(message, ["bob"], message.content);
      ledger.accept(message);
    }
    ledger.unheard("carol", 9);
    ledger.unheard("bob", 2);
    expect(ledger.verdict()).toEqual([expect.stringContaining("lost")]);
  });

  it("asks for a message at each of its places by itself", () => {
    const copied = also({ messageId: "m2" });
    ledger.begin(copied, ["bob's laptop", "bob's phone", "alice's phone"], copied.content);
    ledger.accept(copied);
    arrive(MESSAGE, "r1");
    for (const place of ["bob's phone", "alice's phone"]) {
      ledger.handed(place, place, batch(`${place} 2`, copied));
      ledger.keep(copied, place, place);
    }
    expect(ledger.verdict()).toEqual([expect.stringMatching(/^lost: m2#alice at bob's laptop/)]);
    expect(ledger.totals()).toMatchObject({ messages: 2, answered: 2, "messages by device": 4 });
  });

  it("lets no message begin twice: its story would be forgotten", () => {
    expect(() => ledger.begin(MESSAGE, ["bob"], MESSAGE.content)).toThrow("begun twice: m1#alice");
  });

  it("takes a message for given up when its answer was thrown away, and for handed out", () => {
    ledger.handed("bob", "phone", batch("r1", MESSAGE), false);
    expect(ledger.verdict()).toEqual([]);
    arrive(MESSAGE, "r2");
    expect(ledger.verdict()).toEqual([expect.stringContaining("handed out as new more than once")]);
  });
});
