import { randomBytes } from "node:crypto";
import { LIMITS } from "../contract/limits.ts";

/** One of the keys that tokens are encrypted with. */
export interface TokenKey {
  /** What tokens name it by, in their header `kid` (RFC 7516, 4.1.6). Tokens of the oldest key may name none. */
  readonly kid?: string | undefined;
  /** 256 bits, for A256GCM. */
  readonly bytes: Uint8Array;
  /** When tokens begin to be encrypted with it, in milliseconds since the epoch. */
  readonly from: number;
}

/** The keys that tokens may be encrypted with, in the order in which they come into use. */
export type KeyRing = readonly TokenKey[];

const KEY_BYTES = 32;
const KID_BYTES = 6;

export const newTokenKey = (from: number): TokenKey => ({
  kid: randomBytes(KID_BYTES).toString("base64url"),
  bytes: randomBytes(KEY_BYTES),
  from,
});

/** A ring of one key, whose tokens name none. */
export const singleKey = (bytes: Uint8Array): KeyRing => [{ bytes, from: 0 }];

/** The key that tokens are encrypted with now: the newest that is in use. */
export function currentKey(ring: KeyRing, now: number): TokenKey {
  const key = ring.findLast(({ from }) => from <= now) ?? ring[0];
  if (key === undefined) throw new Error("there is no token key");
  return key;
}

/** The key that a token names, as long as a token that it encrypted may be valid. */
export const keyNamed = (ring: KeyRing, kid: unknown, now: number): TokenKey | undefined =>
  withoutRetired(ring, now).find((key) => key.kid === kid);

/** The ring with a new key. Its last key comes into use at `from`; those that no valid token needs any more are left out. */
export const rotated = (ring: KeyRing, now: number, from: number): KeyRing => [
  ...withoutRetired(ring, now),
  newTokenKey(from),
];

/** A key stops to encrypt when the next one comes into use; a session later its last token has expired. */
const withoutRetired = (ring: KeyRing, now: number): KeyRing =>
  ring.filter((_, at) => {
    const next = ring[at + 1];
    return next === undefined || now < next.from + LIMITS.session + LIMITS.tokenKeys.grace;
  });

const WRITTEN_KEY = /^(?:(?<kid>[\w-]{1,32}):(?<from>\d{1,16}):)?(?<key>[\w-]{43})$/;

/** A ring as text: a line for each key, `kid:from:key`, the key in base64url; or `key` alone. */
export const writeRing = (ring: KeyRing): string =>
  ring
    .map(
      ({ kid, bytes, from }) => (kid === undefined ? "" : `${kid}:${from}:`) + Buffer.from(bytes).toString("base64url"),
    )
    .join("\n");

/** The inverse of {@link writeRing}; `undefined` if it is no such text. */
export function readRing(text: string): KeyRing | undefined {
  const keys = text.split("\n").map((line) => WRITTEN_KEY.exec(line)?.groups);
  if (!keys.every((groups) => groups !== undefined)) return undefined;
  return keys.map(({ kid, from, key = "" }) => ({
    kid,
    bytes: Buffer.from(key, "base64url"),
    from: Number(from ?? 0),
  }));
}
