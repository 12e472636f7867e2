import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerBytes, jsonBytes, present } from "../../../lib/channel/answer-bytes.ts";
import { nextBatch } from "../../../lib/channel/channel-view.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { newGroupId } from "../../../lib/groups/group-codes.ts";
import { newOpaqueId } from "../../../lib/runtime/ids.ts";
import { ALICE, messageId } from "./delivery-channel.ts";

const message = (content: string, senderName = "alice") => ({
  position: `${messageId(1)}#${ALICE}` as const,
  senderName,
  content,
  sentAt: Date.UTC(2026, 2, 1),
  expiresAt: 0,
});

const written = (text: string): number => Buffer.byteLength(JSON.stringify(text));

describe("the bytes of a text in JSON", () => {
  it("are counted exactly for every single character up to U+0800", () => {
    for (let code = 0; code <= 0x800; code++) {
      const text = String.fromCharCode(code);
      expect(jsonBytes(text), `U+${code.toString(16)}`).toBe(written(text));
    }
  });

  it("are counted exactly for any text", () => {
    const control = fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code));
    const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: control }), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(
        text.filter((one) => one.isWellFormed()),
        (one) => jsonBytes(one) === written(one),
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("the bytes of a message in an answer", () => {
  it("are what it takes with its comma, or one less if it is flagged", () => {
    for (const content of ["", "hello", '"\\\n\u0001', "👋".repeat(100)]) {
      const [first, again] = [false, true].map((redelivered) => present({ ...message(content), redelivered }));
      expect(answerBytes(message(content))).toBe(Buffer.byteLength(`${JSON.stringify(first)},`));
      expect(answerBytes(message(content))).toBe(Buffer.byteLength(`${JSON.stringify(again)},`) + 1);
    }
  });

  it("are bounded for a batch, whatever it is made of", () => {
    // The last ones make a hundred messages as large as a hundred may be.
    const contents = [
      "\u0001".repeat(LIMITS.contentBytes),
      '"'.repeat(LIMITS.contentBytes),
      "\u0001",
      "x".repeat(3_774),
    ];
    const name = "n".repeat(LIMITS.username.maxCharacters);
    for (const content of contents) {
      const waiting = Array.from({ length: LIMITS.batchMessages }, () => message(content, name));
      const messages = nextBatch(waiting, LIMITS.batchMessages).map((one) => present({ ...one, redelivered: false }));
      const answer = { messages, receipt: newOpaqueId(), more: false };
      expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(LIMITS.batchBytes + 100);
    }
  });

  it("are what it takes as an own copy, in a batch that is bounded all the same", () => {
    const to = { toId: crypto.randomUUID(), toName: "n".repeat(LIMITS.username.maxCharacters) };
    const copy = { ...message("\u0001", to.toName), ...to };
    const shown = present({ ...copy, redelivered: false });
    expect(shown).toMatchObject(to);
    expect(answerBytes(copy)).toBe(Buffer.byteLength(`${JSON.stringify(shown)},`));
    const waiting = Array.from({ length: LIMITS.batchMessages }, () => ({ ...copy, content: "x".repeat(3_700) }));
    const messages = nextBatch(waiting, LIMITS.batchMessages).map((one) => present({ ...one, redelivered: false }));
    const answer = { messages, receipt: newOpaqueId(), more: false, missed: true };
    expect(messages.length).toBeLessThan(LIMITS.batchMessages);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(LIMITS.batchBytes + 100);
  });

  it("are what it takes with each part of its envelope", () => {
    const envelopes = [
      { type: "text" },
      { about: messageId(2) },
      { quiet: true },
      { type: "x".repeat(32), about: messageId(2), quiet: true },
    ] as const;
    for (const envelope of envelopes) {
      const whole = { ...message("hello"), ...envelope };
      const shown = present({ ...whole, redelivered: false });
      expect(shown).toMatchObject(envelope);
      expect(answerBytes(whole)).toBe(Buffer.byteLength(`${JSON.stringify(shown)},`));
    }
    expect(Object.keys(present({ ...message("hello"), redelivered: false }))).toEqual([
      "messageId",
      "senderId",
      "senderName",
      "content",
      "sentAt",
      "redelivered",
    ]);
  });

  it("are bounded for a batch of messages with whole envelopes", () => {
    const whole = { type: "x".repeat(32), about: messageId(2), quiet: true } as const;
    const waiting = Array.from({ length: LIMITS.batchMessages }, () => ({ ...message("x".repeat(3_750)), ...whole }));
    const messages = nextBatch(waiting, LIMITS.batchMessages).map((one) => present({ ...one, redelivered: false }));
    expect(messages.length).toBeLessThan(LIMITS.batchMessages);
    const answer = { messages, receipt: newOpaqueId(), more: true, missed: true };
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(LIMITS.batchBytes + 100);
  });

  it("are no more for the longest message than its bound says", () => {
    const longest = message("\u0001".repeat(LIMITS.contentBytes), "n".repeat(LIMITS.username.maxCharacters));
    expect(answerBytes(longest)).toBe(98_524);
    const whole = { ...longest, type: "x".repeat(32), about: messageId(2), quiet: true } as const;
    expect(answerBytes({ ...whole, toId: ALICE, toName: longest.senderName })).toBe(98_716);
    const name = "😀".repeat(LIMITS.groups.nameCharacters);
    expect(answerBytes({ ...whole, toId: newGroupId(), toName: name })).toBe(98_928);
    expect(answerBytes(longest)).toBeLessThan(LIMITS.batchBytes);
  });
});
