import { vi } from "vitest";

/** Long enough for a busy machine. What is asserted comes in milliseconds, or not at all. */
const LIMIT_MS = 20_000;

/** Waits until an assertion holds, or something succeeds. @returns what it has returned */
export const eventually = <T>(attempt: () => T | Promise<T>): Promise<T> => vi.waitFor(attempt, { timeout: LIMIT_MS });
