import { randomInt } from "node:crypto";
import { expect, it } from "vitest";
import { soak } from "./soak.ts";

const MINUTE = 60_000;
const MESSAGES = 300;
const KILLS = 2;

it("the ledger agrees after kills of everything and faults on the wire", { timeout: 10 * MINUTE }, async () => {
  const seed = randomInt(2 ** 31);
  console.info(`soak: seed ${seed}`);
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
