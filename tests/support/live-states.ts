import { expect } from "vitest";
import type { ConnectionState } from "../../lib/client/index.ts";

/** That an inbox stays live once it is. Before, it polls on a busy machine, and a request that is not answered in time is a cut. */
export function expectStaysLive(states: readonly ConnectionState[]): void {
  const first = states.indexOf("live");
  expect(first, String(states)).toBeGreaterThanOrEqual(0);
  expect(new Set(states.slice(first).filter((state) => state !== "offline"))).toEqual(new Set(["live"]));
}
