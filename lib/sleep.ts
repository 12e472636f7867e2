import { setTimeout as timer } from "node:timers/promises";

/** Waits before another attempt. Handed in, so that tests neither wait nor depend on a timer. */
export type Sleep = (milliseconds: number) => Promise<unknown>;

export const sleep: Sleep = (milliseconds) => timer(milliseconds);
