import { hash, randomBytes, randomUUID } from "node:crypto";
import { v7 } from "uuid";

/** A user's id: random, so that it is never given twice and cannot be guessed from a name. */
export const newUserId = (): string => randomUUID();

/**
 * The partition key of a channel.
 *
 * @param channel Which one of the user's; `undefined` is the first one, whose key is the user's id alone.
 */
export const channelKey = (userId: string, channel: string | undefined): string =>
  channel === undefined ? userId : `${userId}/${channel}`;

/** Whether a channel is one of this user's, by its key. */
export const isChannelOf = (key: string, userId: string): boolean => key === userId || key.startsWith(`${userId}/`);

/** The user whose channel it is, by its key. */
export const ownerOf = (key: string): string => key.split("/", 1)[0] ?? "";

/** A message's id, for a sender that did not choose one. */
export const newMessageId = (milliseconds: number): string => v7({ msecs: milliseconds });

/**
 * 128 random bits, in 22 characters of `A-Z a-z 0-9 _ -`: receipts and session ids. The first is no `-`: a command would
 * take such an id for an option.
 */
export function newOpaqueId(): string {
  const id = randomBytes(16).toString("base64url");
  return id.startsWith("-") ? newOpaqueId() : id;
}

/**
 * The sort key of a message: its time-ordered id and its sender. The sender is part of it, so that two senders who use
 * the same message id neither overwrite nor hide each other.
 */
export type Position = `${string}#${string}`;

/** The position of the message that `senderId` sent under `messageId`, both in the lower-case form of a UUID. */
export const positionOf = (messageId: string, senderId: string): Position => `${messageId}#${senderId}`;

/** The two ids that a position is made of. */
export function idsOf(position: string): { messageId: string; senderId: string } {
  const separator = position.indexOf("#");
  return { messageId: position.slice(0, separator), senderId: position.slice(separator + 1) };
}

const UUID_BYTES = 16;

const POSITION_BYTES = 2 * UUID_BYTES;

/**
 * Positions in 32 bytes each, for the head's list of what is out: the whole key, as the messages are read by it. All of them are
 * read as one hexadecimal number: a batch has up to 100.
 *
 * @throws {Error} One is not made of two UUIDs, and would come out as another one.
 */
export function packPositions(positions: readonly Position[]): Uint8Array {
  const packed = pack(positions.map((position) => position.replace(/[-#]/g, "")));
  if (packed.length !== POSITION_BYTES * positions.length) throw new Error("a position is not made of two UUIDs");
  return packed;
}

/** The inverse of {@link packPositions}. */
export const unpackPositions = (packed: Uint8Array): Position[] =>
  unpack(packed, POSITION_BYTES).map((digits) =>
    positionOf(uuidOf(digits.slice(0, 2 * UUID_BYTES)), uuidOf(digits.slice(2 * UUID_BYTES))),
  );

/** RFC 9562, section 4. */
const uuidOf = (digits: string): string =>
  `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;

/**
 * A position in 16 bytes (32 hexadecimal digits), for the head's memory of what is settled: the first 11 bytes of the
 * message id, which sort as the position does, and 5 bytes of SHA-256 over the position, which tell senders and ids apart.
 * A sender would have to search 2^40 positions beside a message that it has not seen to be taken for it.
 */
export type Fingerprint = string;

const PREFIX_BYTES = 11;
const DIGEST_BYTES = 5;
const FINGERPRINT_BYTES = PREFIX_BYTES + DIGEST_BYTES;

/**
 * The part of a fingerprint that sorts as the position does; of two positions with equal prefixes neither is known to
 * be first.
 */
export type SortablePrefix = string;

/** A hash takes much longer than a prefix. So a sync makes one of what it settles, and not of all that it reads. */
export const fingerprintOf = (position: Position): Fingerprint =>
  sortablePrefixOf(position) + hash("sha256", position).slice(0, 2 * DIGEST_BYTES);

/** The prefix of the position's fingerprint: the first 22 digits of a UUID, without its dashes. */
export const sortablePrefixOf = (position: Position): SortablePrefix =>
  `${position.slice(0, 8)}${position.slice(9, 13)}${position.slice(14, 18)}${position.slice(19, 23)}${position.slice(24, 26)}`;

export const prefixOf = (fingerprint: Fingerprint): SortablePrefix => fingerprint.slice(0, 2 * PREFIX_BYTES);

const TIME_DIGITS = 12;

/** When the message ids with a prefix were made, in milliseconds since the epoch. */
export const prefixTime = (prefix: SortablePrefix): number => Number.parseInt(prefix.slice(0, TIME_DIGITS), 16);

/** The last prefix of all message ids that were made at or before a time, in milliseconds since the epoch. */
export const lastPrefixAt = (milliseconds: number): SortablePrefix =>
  milliseconds
    .toString(16)
    .padStart(TIME_DIGITS, "0")
    .padEnd(2 * PREFIX_BYTES, "f");

export const packFingerprints = (fingerprints: readonly Fingerprint[]): Uint8Array => pack(fingerprints);
export const unpackFingerprints = (packed: Uint8Array): Fingerprint[] => unpack(packed, FINGERPRINT_BYTES);

export const packPrefixes = (prefixes: readonly SortablePrefix[]): Uint8Array => pack(prefixes);
export const unpackPrefixes = (packed: Uint8Array): SortablePrefix[] => unpack(packed, PREFIX_BYTES);

const pack = (all: readonly string[]): Uint8Array => Buffer.from(all.join(""), "hex");

function unpack(packed: Uint8Array, bytes: number): string[] {
  const hex = Buffer.from(packed).toString("hex");
  const all: string[] = [];
  for (let at = 0; at < hex.length; at += 2 * bytes) all.push(hex.slice(at, at + 2 * bytes));
  return all;
}
