import { expect, it } from "vitest";
import { brokenBy } from "./comparison.ts";
import { gotalk } from "./gotalk.ts";
import type { Way } from "./peer.ts";
import { runTrial } from "./trial.ts";

it("goTalk keeps each message once while its receiver is killed, in a short run of the comparison", {
  timeout: 900_000,
}, async () => {
  const [beside] = gotalk.ways as [Way, Way, Way];
  const trial = await runTrial(beside, "receiverKilled", { messages: 40, kills: 2, seed: 1 });
  expect(brokenBy(beside, "receiverKilled", trial)).toEqual([]);
  expect(trial).toMatchObject({ sent: 40, struck: 2 });
});
