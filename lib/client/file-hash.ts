import type { Bytes } from "./file-memory.ts";

/** SHA-256 of bytes that come piece by piece. */
export interface RunningHash {
  update(bytes: Bytes): unknown;
  digest(): Uint8Array;
}

/** Begins a SHA-256. */
export type StartHash = () => RunningHash | undefined;

/**
 * Begins a SHA-256 in Node. Undefined in browsers: WebCrypto hashes only what is in memory as a whole. So a browser holds all of
 * what it uploads, and Node does not.
 */
export const startHash: StartHash = () => globalThis.process?.getBuiltinModule?.("node:crypto").createHash("sha256");

/** SHA-256 of bytes that are all there. */
export const hashOf = async (bytes: Bytes): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
