import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fingerprintOf,
  idsOf,
  isChannelOf,
  newMessageId,
  newOpaqueId,
  newUserId,
  type Position,
  packFingerprints,
  packPositions,
  positionOf,
  prefixOf,
  unpackFingerprints,
  unpackPositions,
} from "../../../lib/runtime/ids.ts";

const positions: fc.Arbitrary<Position> = fc
  .tuple(fc.uuid({ version: 7 }), fc.uuid({ version: 4 }))
  .map(([messageId, senderId]) => positionOf(messageId, senderId));

const MESSAGE = "01900000-0001-7000-8000-0123456789ab";
const SENDER = "00000000-0000-4000-8000-00000000000a";

describe("ids", () => {
  it("a position is the message's id and the sender's", () => {
    expect(positionOf(MESSAGE, SENDER)).toBe(`${MESSAGE}#${SENDER}`);
    expect(idsOf(`${MESSAGE}#${SENDER}`)).toEqual({ messageId: MESSAGE, senderId: SENDER });
  });

  it("a channel is its user's, the first one as well as each further one, and nobody else's", () => {
    expect([SENDER, `${SENDER}/phone`].map((key) => isChannelOf(key, SENDER))).toEqual([true, true]);
    for (const key of [`${SENDER}0`, `x${SENDER}`, `x/${SENDER}/phone`, MESSAGE])
      expect(isChannelOf(key, SENDER)).toBe(false);
  });

  it("a new message's id is a UUIDv7 of its time, and never the same", () => {
    const made = newMessageId(0x0123456789ab);
    expect(made).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(newMessageId(0x0123456789ab)).not.toBe(made);
  });

  it("an opaque id has 22 characters that an ack may have, and is never the same", () => {
    expect(newOpaqueId()).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(newOpaqueId()).not.toBe(newOpaqueId());
  });

  it("an opaque id is no option of a command", () => {
    const starts = new Set(Array.from({ length: 2_000 }, () => newOpaqueId().slice(0, 1)));
    expect([...starts].join("")).toMatch(/^\w{63}$/);
  });

  it("a user's id is a random UUID", () => {
    expect(newUserId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(newUserId()).not.toBe(newUserId());
  });

  it("positions are packed in 32 bytes each, and come out as they went in", () => {
    fc.assert(
      fc.property(fc.array(positions), (all) => {
        expect(packPositions(all)).toHaveLength(32 * all.length);
        expect(unpackPositions(packPositions(all))).toEqual(all);
      }),
    );
  });

  it("what is not made of two UUIDs is not packed: it would come out as something else", () => {
    for (const position of [`${MESSAGE}#alice`, `${MESSAGE}#`, `${MESSAGE}#${SENDER}0${SENDER}`] as const)
      expect(() => packPositions([position, positionOf(MESSAGE, SENDER)])).toThrow("two UUIDs");
  });

  it("fingerprints are packed in 16 bytes each, and come out as they went in", () => {
    fc.assert(
      fc.property(fc.array(positions.map(fingerprintOf)), (all) => {
        expect(packFingerprints(all)).toHaveLength(16 * all.length);
        expect(unpackFingerprints(packFingerprints(all))).toEqual(all);
      }),
    );
  });

  it("a fingerprint's prefix never sorts against its position", () => {
    fc.assert(
      fc.property(positions, positions, (one, other) => {
        const [first, second] = [one, other].sort() as [Position, Position];
        expect(prefixOf(fingerprintOf(first)) <= prefixOf(fingerprintOf(second))).toBe(true);
      }),
    );
  });

  it("a prefix is the first 11 bytes of the message's id", () => {
    expect(prefixOf(fingerprintOf(positionOf(MESSAGE, SENDER)))).toBe("0190000000017000800001");
  });

  it("a fingerprint tells senders apart, and ids that share its prefix", () => {
    const other = `${MESSAGE.slice(0, -1)}c`;
    const all = [
      positionOf(MESSAGE, SENDER),
      positionOf(MESSAGE, `${SENDER.slice(0, -1)}b`),
      positionOf(other, SENDER),
    ].map(fingerprintOf);
    expect(new Set(all).size).toBe(3);
    expect(new Set(all.map(prefixOf)).size).toBe(1);
  });
});
