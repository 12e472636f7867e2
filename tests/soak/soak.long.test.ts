import { expect, it } from "vitest";
import { useSeed } from "../support/seed.ts";
import { soak } from "./soak.ts";

const MINUTE = 60_000;
const MESSAGES = 300;
const KILLS = 2;

const seed = useSeed();

it("the ledger agrees after kills of everything and faults on the wire", { timeout: 30 * MINUTE }, async () => {
  const { totals, violations } = await soak({
    engine: "dynalite",
    seed,
    messages: MESSAGES,
    time: 9 * MINUTE,
    kills: KILLS,
    users: 4,
    lanes: 8,
    longestSleep: 1_000,
  });
  expect(violations).toEqual([]);
  expect(totals["messages"]).toBeGreaterThanOrEqual(MESSAGES);
  expect(totals["kills"]).toBe(KILLS);
  // Most arrive as new: a run in which everything is given up would show nothing.
  expect(totals["kept once, as new"]).toBeGreaterThan(MESSAGES / 2);
});
