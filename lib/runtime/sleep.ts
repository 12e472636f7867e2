import { setTimeout as timer } from "node:timers/promises";

/** Waits before another attempt. Handed in, so that tests neither wait nor depend on a timer. */
export type Sleep = (milliseconds: number, abortSignal?: AbortSignal) => Promise<unknown>;

export const sleep: Sleep = (milliseconds, signal) => timer(milliseconds, undefined, { ...(signal && { signal }) });
