import { vi } from "vitest";

/** Milliseconds: long enough for a busy machine. What is asserted comes in milliseconds, or not at all. */
export const LIMIT_MS = 60_000;

/** For `vi.waitFor` and `vi.waitUntil`. */
export const WAIT = { timeout: LIMIT_MS, interval: 50 };

/** Waits until an assertion holds, or something succeeds. @returns what it has returned */
export const eventually = <T>(attempt: () => T | Promise<T>): Promise<T> => vi.waitFor(attempt, WAIT);
