import { describe, expect, it } from "vitest";
import { answerBytes } from "../../../lib/channel/answer-bytes.ts";
import { classify, nextBatch, pageSize } from "../../../lib/channel/channel-view.ts";
import { NO_HEAD } from "../../../lib/channel/head.ts";
import type { StoredMessage } from "../../../lib/channel/stored-message.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { fingerprintOf, lastPrefixAt } from "../../../lib/runtime/ids.ts";
import { ALICE, BOB, messageId } from "./delivery-channel.ts";

const NOW = 1_800_000_000_000;

const message = (number: number, options: Partial<StoredMessage> = {}): StoredMessage => ({
  position: `${messageId(number)}#${ALICE}`,
  senderName: "alice",
  content: `text ${number}`,
  sentAt: NOW,
  expiresAt: NOW / 1_000 + 1,
  ...options,
});

describe("a view of a channel", () => {
  it("takes a channel without a head for one that has never handed anything out", () => {
    const view = classify({ head: undefined, messages: [message(1)], complete: true }, NOW);
    expect(view).toMatchObject({ head: NO_HEAD, hasHead: false, waiting: [message(1)], dead: [], complete: true });
  });

  it("sorts out what is settled and what is over, and keeps the order", () => {
    const over = message(2, { expiresAt: NOW / 1_000 });
    const settled = message(3);
    const both = message(5, { expiresAt: NOW / 1_000 });
    const head = { ...NO_HEAD, settled: [settled, both].map(({ position }) => fingerprintOf(position)) };
    const messages = [message(1), over, settled, message(4), both];
    const view = classify({ head, messages, complete: false }, NOW);
    expect(view.waiting).toEqual([message(1), message(4)]);
    expect(view.dead).toEqual([settled.position, both.position]);
    expect(view.expired).toEqual([over.position]);
    expect(view.positions).toEqual(messages.map(({ position }) => position));
    expect([...view.byPosition.values()]).toEqual(messages);
    expect([view.hasHead, view.complete]).toEqual([true, false]);
  });
});

describe("a message with the id of one that is settled", () => {
  it("waits, if it is another sender's", () => {
    const other = message(1, { position: `${messageId(1)}#${BOB}` });
    const head = { ...NO_HEAD, settled: [fingerprintOf(message(1).position)] };
    const view = classify({ head, messages: [message(1), other], complete: true }, NOW);
    expect(view).toMatchObject({ waiting: [other], dead: [message(1).position] });
  });
});

describe("a horizon of the far future that an older version stored", () => {
  it("is read as one of an hour from now", () => {
    const head = { ...NO_HEAD, horizon: "f".repeat(22), bounded: false };
    const view = classify({ head, messages: [], complete: true }, NOW);
    expect(view.head).toEqual({ ...NO_HEAD, horizon: lastPrefixAt(NOW + LIMITS.horizonAhead) });
  });

  it("is left as it is if this version stored it, whose clock was ahead then: what it covers may come again", () => {
    const head = { ...NO_HEAD, horizon: lastPrefixAt(NOW + 2 * LIMITS.horizonAhead) };
    expect(classify({ head, messages: [], complete: true }, NOW).head).toEqual(head);
  });
});

describe("a batch", () => {
  const frame = answerBytes({ senderName: "alice", content: "" });
  /** A message that takes so many bytes of an answer. */
  const sized = (number: number, bytes: number): StoredMessage =>
    message(number, { content: "é".repeat((bytes - frame) / 2) + "x".repeat((bytes - frame) % 2) });
  const half = LIMITS.batchBytes / 2;

  it("has limit messages at most", () => {
    expect(nextBatch([message(1), message(2), message(3)], 2)).toEqual([message(1), message(2)]);
    expect(nextBatch([message(1)], 2)).toEqual([message(1)]);
    expect(nextBatch([], 2)).toEqual([]);
  });

  it("has so many bytes in the answer at most", () => {
    const all = [sized(1, half), sized(2, half), sized(3, frame)];
    expect(nextBatch(all, 100)).toEqual(all.slice(0, 2));
    expect(nextBatch([sized(1, half), sized(2, half + 2)], 100)).toEqual([sized(1, half)]);
  });

  it("counts what JSON escapes as it is sent, and the names and ids of short messages", () => {
    const controls = Array.from({ length: 100 }, (_, n) =>
      message(n, { content: "\u0001".repeat(LIMITS.contentBytes) }),
    );
    expect(nextBatch(controls, 100)).toHaveLength(4);
    const quotes = Array.from({ length: 100 }, (_, n) => message(n, { content: '"'.repeat(LIMITS.contentBytes) }));
    expect(nextBatch(quotes, 100)).toHaveLength(12);
    const nothing = Array.from({ length: 3_000 }, (_, n) => message(n, { content: "" }));
    expect(nextBatch(nothing, 3_000)).toHaveLength(Math.floor(LIMITS.batchBytes / frame));
  });

  it("has one message at least, however large", () => {
    const large = sized(1, LIMITS.batchBytes + 2);
    expect(nextBatch([large, sized(2, frame)], 100)).toEqual([large]);
  });

  it("of the longest messages fits in a page twice", () => {
    const longest = Array.from({ length: LIMITS.batchMessages }, (_, n) => sized(n, LIMITS.contentBytes));
    const batch = nextBatch(longest, LIMITS.batchMessages);
    expect(2 * batch.length * (LIMITS.contentBytes + 500)).toBeLessThan(2 ** 20);
  });

  it("is read together with the one before it", () => {
    expect(pageSize(1)).toBeGreaterThan(2);
    expect(pageSize(LIMITS.batchMessages)).toBeGreaterThan(2 * LIMITS.batchMessages);
  });
});
