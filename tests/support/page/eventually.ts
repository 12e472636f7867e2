import { vi } from "vitest";

/** Long enough for a busy machine. What is asserted comes in milliseconds, or not at all. */
const LIMIT_MS = 20_000;

/** Waits until an assertion holds. */
export const eventually = (assertion: () => unknown): Promise<unknown> => vi.waitFor(assertion, { timeout: LIMIT_MS });
