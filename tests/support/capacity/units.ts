import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/*
 * What DynamoDB charges for a call, by its documentation; local engines count differently in places.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */

export type Item = Record<string, AttributeValue>;

/** Read and write units, or request units: the same number in on-demand mode. */
export interface Units {
  readonly read: number;
  readonly write: number;
}

export const NO_UNITS: Units = { read: 0, write: 0 };

export const addUnits = (one: Units, other: Units): Units => ({
  read: one.read + other.read,
  write: one.write + other.write,
});

const KB = 1_024;

/** Of a write of one item: 1 for each KB begun, of the larger of the item before and after; 1 where there is none. */
export const writeUnits = (...sizes: readonly number[]): number => Math.max(1, Math.ceil(Math.max(0, ...sizes) / KB));

/**
 * Of a read of one item, or of the items of one query together: 1 for each 4 KB begun, half of it where it need not be
 * consistent. What finds nothing costs as much as the smallest find.
 */
export const readUnits = (size: number, consistent: boolean | undefined): number =>
  Math.max(1, Math.ceil(size / (4 * KB))) * (consistent ? 1 : 0.5);

/** In bytes: its attributes' names and values. */
export const itemSize = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.N !== undefined) return 1 + Math.ceil(significantDigits(value.N) / 2);
  if (value.BOOL !== undefined) return 1;
  // A list or a map takes 3 bytes, and 1 for each element beside what is in it.
  if (value.L !== undefined) return value.L.reduce((sum, element) => sum + 1 + valueSize(element), 3);
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemSize(value.M);
  throw new Error(`no size is known of ${JSON.stringify(value)}: goTalk's items have no such attribute`);
}

/** Zeros before and after do not count. */
const significantDigits = (number: string): number => number.replace(/\D/g, "").replace(/^0+|0+$/g, "").length;
