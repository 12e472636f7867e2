import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";

/** What a run decides in the place of chance and of time. */
export interface Chances {
  /** The next random bytes. */
  bytes(size: number): Buffer;
  /** A function waits before it tries again. */
  pause(): Promise<void>;
}

let current: Chances | undefined;

const { randomBytes } = crypto;
const getRandomValues = globalThis.crypto.getRandomValues.bind(globalThis.crypto);
const wait = timers.setTimeout;

/*
 * The code under test makes its names with node's random bytes and with those of WebCrypto, and waits with node's timer. All are part of what a seed has to
 * repeat, and all are the platform's: so they are taken over here, and the code runs as it is deployed.
 */
function takeOver(): void {
  Object.assign(crypto, { randomBytes: (size: number) => current?.bytes(size) ?? randomBytes(size) });
  Object.assign(globalThis.crypto, {
    getRandomValues: (values: Uint8Array<ArrayBuffer>) => {
      if (current === undefined) return getRandomValues(values);
      values.set(current.bytes(values.length));
      return values;
    },
  });
  const pause = (...wanted: Parameters<typeof wait>) => current?.pause() ?? wait(...wanted);
  Object.assign(timers, { setTimeout: pause });
  syncBuiltinESMExports();
}

takeOver();

/** Runs something whose random names and pauses are decided by these chances. One at a time. */
export async function withChances<T>(chances: Chances, work: () => Promise<T>): Promise<T> {
  current = chances;
  try {
    return await work();
  } finally {
    current = undefined;
  }
}

/** Names that differ, in the same order each time. */
export function countedBytes(): (size: number) => Buffer {
  let count = 0;
  return (size) => crypto.createHash("sha256").update(String(count++)).digest().subarray(0, size);
}
