import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import {
  currentKey,
  type KeyRing,
  keyNamed,
  newTokenKey,
  readRing,
  rotated,
  singleKey,
  writeRing,
} from "../../../lib/tokens/key-ring.ts";

const NOW = Date.UTC(2026, 2, 1, 12);
const KEPT = LIMITS.session + LIMITS.tokenKeys.grace;
const [old, current, next] = [newTokenKey(0), newTokenKey(NOW), newTokenKey(NOW + 1_000)] as const;

describe("a key ring", () => {
  it("makes keys of 256 bits with names of their own", () => {
    expect(old.bytes).toHaveLength(32);
    expect(old.kid).toMatch(/^[\w-]{8}$/);
    expect(old.kid).not.toBe(current.kid);
    expect(Buffer.from(old.bytes)).not.toEqual(Buffer.from(current.bytes));
  });

  it("encrypts with the newest key that is in use", () => {
    const ring = [old, current, next];
    expect(currentKey(ring, NOW - 1)).toBe(old);
    expect(currentKey(ring, NOW)).toBe(current);
    expect(currentKey(ring, NOW + 999)).toBe(current);
    expect(currentKey(ring, NOW + 1_000)).toBe(next);
  });

  it("encrypts with its first key though a clock is behind, and never with none", () => {
    expect(currentKey([current], NOW - 1)).toBe(current);
    expect(() => currentKey([], NOW)).toThrow("there is no token key");
  });

  it("keeps a key until the last token that it encrypted has expired", () => {
    const ring = [old, current];
    expect(keyNamed(ring, old.kid, NOW + KEPT - 1)).toBe(old);
    expect(keyNamed(ring, old.kid, NOW + KEPT)).toBeUndefined();
    expect(keyNamed(ring, current.kid, NOW + 10 * KEPT)).toBe(current);
  });

  it("finds a key by its very name, and the oldest by none", () => {
    const ring: KeyRing = [...singleKey(old.bytes), current];
    expect(keyNamed(ring, undefined, NOW)).toBe(ring[0]);
    expect(keyNamed(ring, current.kid, NOW)).toBe(current);
    for (const name of ["", "x", null, 0, {}, [current.kid]]) expect(keyNamed(ring, name, NOW)).toBeUndefined();
    expect(keyNamed([current], undefined, NOW)).toBeUndefined();
  });

  it("gets a new last key when it is rotated, and loses those that no token needs", () => {
    const ring = rotated([old, current], NOW + KEPT, NOW + KEPT + 5);
    expect(ring).toHaveLength(2);
    expect(ring[0]).toBe(current);
    expect(ring[1]?.from).toBe(NOW + KEPT + 5);
    expect(rotated([old, current], NOW + KEPT - 1, NOW + KEPT)).toHaveLength(3);
  });

  it("is the same after it was written and read", () => {
    for (const ring of [[old], [old, current, next], singleKey(old.bytes), [...singleKey(old.bytes), current]]) {
      const read = readRing(writeRing(ring));
      expect(read?.map(({ kid, from }) => ({ kid, from }))).toEqual(ring.map(({ kid, from }) => ({ kid, from })));
      expect(read?.map(({ bytes }) => Buffer.from(bytes))).toEqual(ring.map(({ bytes }) => Buffer.from(bytes)));
    }
  });

  it.each([
    "",
    "\n",
    "a:1:short",
    `a:${"k".repeat(43)}`,
    `a:x:${"k".repeat(43)}`,
    `:1:${"k".repeat(43)}`,
    "k".repeat(44),
  ])("is not read from %j", (text) => {
    expect(readRing(text)).toBeUndefined();
    expect(readRing(`${writeRing([old])}\n${text}`)).toBeUndefined();
  });
});
