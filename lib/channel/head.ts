import { hash, randomBytes } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import {
  type Fingerprint,
  type Position,
  packFingerprints,
  packPositions,
  packPrefixes,
  type SortablePrefix,
  unpackFingerprints,
  unpackPositions,
  unpackPrefixes,
} from "../runtime/ids.ts";
import type { Span } from "./spans.ts";

/** The sort key of the head: before that of every message, so that one query from the start reads it first. */
export const HEAD_POSITION = "#head";

/** What one channel knows of its deliveries. It is written as a whole, under the condition that nobody else wrote it. */
export interface Head {
  /** Hexadecimal: this write of the head, then the few before it, newest first. See {@link fateOf}. */
  readonly lineage: string;
  /** Names the batch that is out; `undefined` when none is. */
  readonly receipt: string | undefined;
  /** {@link digestOf} the `ack` that the sync showed which took the batch out. */
  readonly previous: string | undefined;
  /** The messages of the batch that is out, in their order. Empty when none is. */
  readonly outstanding: readonly Position[];
  /** Of the batch that is out, and of what it told. Milliseconds since the epoch. */
  readonly leaseExpiresAt: number;
  /**
   * The mark of the item `#missed` that the last answer told of: a client that shows its receipt knows. `undefined` if it told
   * of none. See `missed.ts`.
   */
  readonly told: string | undefined;
  /**
   * The batch that is out was out before, under another receipt. An older version flags a replay only then, and may run
   * beside this one.
   */
  readonly reissued: boolean;
  /** Newest first. */
  readonly settled: readonly Fingerprint[];
  /** The latest of all that `settled` has forgotten, or "" when it has forgotten nothing. See `ring.ts`. */
  readonly horizon: SortablePrefix;
  /** What `settled` has forgotten of the far future. See `ring.ts`. */
  readonly ahead: readonly Span[];
  /** No message of the far future has raised the horizon. Older versions let them, and do not write this. */
  readonly bounded: boolean;
}

/** The state of a channel that has never handed anything out. */
export const NO_HEAD: Head = {
  lineage: "",
  receipt: undefined,
  previous: undefined,
  outstanding: [],
  leaseExpiresAt: 0,
  told: undefined,
  reissued: false,
  settled: [],
  horizon: "",
  ahead: [],
  bounded: true,
};

const WRITE_BYTES = 8;
const WRITES_KEPT = 4;

/** A random name for one write of the head. */
export const newWrite = (): string => randomBytes(WRITE_BYTES).toString("hex");

/** The lineage of a head that `write` puts in the place of one with `lineage`. */
export const extendLineage = (lineage: string, write: string): string =>
  (write + lineage).slice(0, 2 * WRITE_BYTES * WRITES_KEPT);

/**
 * What became of a write whose answer was lost. `open`: the head is still the one that it wants to replace, so it may yet
 * arrive. `forgotten`: so much was written since that nobody can tell.
 */
export type Fate = "applied" | "failed" | "open" | "forgotten";

/**
 * The head remembers a few writes and not only the last, as another sync may have written since; without that, a settling
 * sync would take its own messages for someone else's.
 *
 * @param lineage Of the head as it is now.
 * @param base The lineage of the head that the write wanted to replace.
 */
export function fateOf(write: string, base: string, lineage: string): Fate {
  const writes = writesOf(lineage);
  if (writes.includes(write)) return "applied";
  if (lineage === base) return "open";
  const [replaced] = writesOf(base);
  const reachesBack = replaced === undefined ? writes.length < WRITES_KEPT : writes.includes(replaced);
  return reachesBack ? "failed" : "forgotten";
}

function writesOf(lineage: string): string[] {
  const writes: string[] = [];
  for (let at = 0; at < lineage.length; at += 2 * WRITE_BYTES) writes.push(lineage.slice(at, at + 2 * WRITE_BYTES));
  return writes;
}

/** 128 bits of SHA-256: an `ack` may be any string of the client's, and the head has to stay small. */
export const digestOf = (ack: string): string => hash("sha256", ack, "base64url").slice(0, 22);

type Item = Record<string, AttributeValue>;

/**
 * Attribute names and binary forms keep the head of a small batch within 1 KB, which is one write unit: 640 bytes of
 * `settled`, 32 for each outstanding message, and about 220 for all the rest.
 */
export function headToItem(receiverId: string, head: Head): Item {
  return {
    receiverId: { S: receiverId },
    position: { S: HEAD_POSITION },
    version: { B: Buffer.from(head.lineage, "hex") },
    ...(head.receipt !== undefined && { receipt: { S: head.receipt } }),
    ...(head.previous !== undefined && { previous: { S: head.previous } }),
    ...(head.outstanding.length > 0 && { outstanding: { B: packPositions(head.outstanding) } }),
    ...(head.told !== undefined && { told: { S: head.told } }),
    ...((head.outstanding.length > 0 || head.told !== undefined) && { lease: { N: String(head.leaseExpiresAt) } }),
    ...(head.reissued && { reissued: { BOOL: true } }),
    ...(head.settled.length > 0 && { settled: { B: packFingerprints(head.settled) } }),
    ...(head.horizon !== "" && { horizon: { B: Buffer.from(head.horizon, "hex") } }),
    ...(head.ahead.length > 0 && { ahead: { B: packSpans(head.ahead) } }),
    ...(head.horizon !== "" && head.bounded && { bounded: { BOOL: true } }),
  };
}

export function itemToHead(item: Item): Head {
  const bytes = (name: string): Uint8Array => item[name]?.B ?? new Uint8Array();
  return {
    lineage: Buffer.from(bytes("version")).toString("hex"),
    receipt: item["receipt"]?.S,
    previous: item["previous"]?.S,
    outstanding: unpackPositions(bytes("outstanding")),
    leaseExpiresAt: Number(item["lease"]?.N ?? 0),
    told: item["told"]?.S,
    reissued: item["reissued"]?.BOOL ?? false,
    settled: unpackFingerprints(bytes("settled")),
    horizon: Buffer.from(bytes("horizon")).toString("hex"),
    ahead: unpackSpans(bytes("ahead")),
    bounded: item["bounded"]?.BOOL ?? item["horizon"] === undefined,
  };
}

const packSpans = (spans: readonly Span[]): Uint8Array =>
  packPrefixes(spans.flatMap(({ first, last }) => [first, last]));

function unpackSpans(packed: Uint8Array): Span[] {
  const ends = unpackPrefixes(packed);
  return ends.flatMap((last, at) => (at % 2 === 1 ? [{ first: ends[at - 1] ?? last, last }] : []));
}

/** The value that the condition of the head's next write compares with. */
export const versionOf = (head: Head): AttributeValue => ({ B: Buffer.from(head.lineage, "hex") });
