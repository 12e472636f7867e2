import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  digestOf,
  extendLineage,
  fateOf,
  HEAD_POSITION,
  type Head,
  headToItem,
  itemToHead,
  NO_HEAD,
  newWrite,
  versionOf,
} from "../../../lib/channel/head.ts";
import { newMissed } from "../../../lib/channel/missed.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import {
  fingerprintOf,
  newMessageId,
  newOpaqueId,
  newUserId,
  type Position,
  positionOf,
  prefixOf,
} from "../../../lib/runtime/ids.ts";
import { itemSize } from "../../support/item-size.ts";

const RECEIVER = newUserId();

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((array) => Buffer.from(array).toString("hex"));

const somePositions = (count: number): Position[] =>
  Array.from({ length: count }, () => positionOf(newMessageId(Date.now()), newUserId()));

const heads: fc.Arbitrary<Head> = fc
  .record({
    lineage: fc.array(hex(8), { minLength: 1, maxLength: 4 }).map((writes) => writes.join("")),
    receipt: fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{22}$/), { nil: undefined }),
    previous: fc.option(fc.string().map(digestOf), { nil: undefined }),
    outstanding: fc.nat(5).map(somePositions),
    leaseExpiresAt: fc.nat(),
    told: fc.option(hex(8), { nil: undefined }),
    reissued: fc.boolean(),
    settled: fc.array(hex(16)),
    horizon: fc.oneof(fc.constant(""), hex(11)),
    ahead: fc.array(fc.record({ first: hex(11), last: hex(11) }), { maxLength: LIMITS.spansAhead }),
    bounded: fc.boolean(),
  })
  // Without a batch or something told there is no lease to keep, and without a horizon none that is not bounded.
  .map((head) => (head.outstanding.length > 0 || head.told !== undefined ? head : { ...head, leaseExpiresAt: 0 }))
  .map((head) => (head.horizon !== "" ? head : { ...head, bounded: true }));

/** The largest head of a conversation with `outstanding` messages in a batch. */
const fullHead = (outstanding: number, settled: number): Head => ({
  lineage: Array.from({ length: 9 }, newWrite).reduce(extendLineage, ""),
  receipt: newOpaqueId(),
  previous: digestOf("x".repeat(LIMITS.ackCharacters)),
  outstanding: somePositions(outstanding),
  leaseExpiresAt: Date.now(),
  told: newMissed(0).mark,
  reissued: true,
  settled: somePositions(settled).map(fingerprintOf),
  horizon: prefixOf(fingerprintOf(somePositions(1)[0] as Position)),
  ahead: [],
  bounded: true,
});

describe("a head", () => {
  it("comes out of its item as it went in", () => {
    fc.assert(
      fc.property(heads, (head) => {
        expect(itemToHead(headToItem(RECEIVER, head))).toEqual(head);
      }),
    );
  });

  it("lies under the receiver, before every message, with nothing that is not there", () => {
    expect(headToItem(RECEIVER, NO_HEAD)).toStrictEqual({
      receiverId: { S: RECEIVER },
      position: { S: "#head" },
      version: { B: Buffer.alloc(0) },
    });
    expect(HEAD_POSITION < "0").toBe(true);
  });

  it("is compared by its lineage", () => {
    const head = fullHead(1, 1);
    expect(headToItem(RECEIVER, head)["version"]).toEqual(versionOf(head));
  });

  it("costs one write unit with a lone message out, and all that it remembers", () => {
    expect(itemSize(headToItem(RECEIVER, fullHead(1, LIMITS.settledKept)))).toBeLessThanOrEqual(1_024);
  });

  it("stays below 8 KB with a whole batch out and the longest memory", () => {
    const prefix = () => prefixOf(fingerprintOf(somePositions(1)[0] as Position));
    const ahead = Array.from({ length: LIMITS.spansAhead }, () => ({ first: prefix(), last: prefix() }));
    const head = { ...fullHead(LIMITS.batchMessages, LIMITS.settledMost), ahead };
    expect(itemSize(headToItem(RECEIVER, head))).toBeLessThan(8_192);
  });

  it("keeps an ack in 22 characters, and each in its own", () => {
    expect(digestOf("a")).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(digestOf("x".repeat(64))).toHaveLength(22);
    expect(digestOf("a")).not.toBe(digestOf("b"));
  });
});

describe("the fate of a write", () => {
  const [w1, w2, w3, w4, w5, w6] = ["1", "2", "3", "4", "5", "6"].map((digit) => digit.repeat(16)) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const lineage = (...writes: string[]): string => writes.reduce(extendLineage, NO_HEAD.lineage);

  it.each([
    ["applied, and is the last", "applied", w2, [w1], [w1, w2]],
    ["applied, three writes ago", "applied", w2, [w1], [w1, w2, w3, w4, w5]],
    ["applied as the first", "applied", w1, [], [w1, w2, w3, w4]],
    ["may yet apply", "open", w2, [w1], [w1]],
    ["may yet make the head", "open", w1, [], []],
    ["came too late", "failed", w2, [w1], [w1, w3]],
    ["came too late, three writes ago", "failed", w2, [w1], [w1, w3, w4, w5]],
    ["came too late to make the head", "failed", w1, [], [w2, w3, w4]],
    ["is forgotten", "forgotten", w2, [w1], [w1, w3, w4, w5, w6]],
    ["is forgotten from the beginning", "forgotten", w1, [], [w2, w3, w4, w5]],
  ] as const)("%s", (_, fate, write, base, now) => {
    expect(fateOf(write, lineage(...base), lineage(...now))).toBe(fate);
  });

  it("is told by nothing but the writes, from the first one on", () => {
    expect(extendLineage(NO_HEAD.lineage, w1)).toBe(w1);
  });

  it("is looked up by whole writes only", () => {
    const straddling = w1.slice(8) + w2.slice(0, 8);
    expect(fateOf(straddling, lineage(w3), lineage(w3, w2, w1))).toBe("failed");
  });

  it("is told by random names", () => {
    expect(newWrite()).toMatch(/^[0-9a-f]{16}$/);
    expect(newWrite()).not.toBe(newWrite());
  });
});
