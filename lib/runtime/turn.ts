import { setImmediate } from "node:timers/promises";

/**
 * Lets what was begun leave for the network before the caller goes on with work that keeps the processor: a request of the SDK
 * is written some promises after it was made. Handed in, because a test that orders all calls itself waits for promises alone.
 */
export type Turn = () => Promise<unknown>;

export const turn: Turn = () => setImmediate();
