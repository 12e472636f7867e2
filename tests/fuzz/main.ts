import { parseArgs } from "node:util";
import { startEngine } from "../support/engines.ts";
import { eventsApi, functionOf, invoke } from "../support/events.ts";
import { makeFunctions } from "../support/functions.ts";
import { fire } from "./fire.ts";
import { startLiveEntry } from "./live.ts";
import { targets } from "./targets.ts";
import { newWorld, SETTINGS } from "./world.ts";

/*
 * npm run fuzz -- [--runs N] [--seed S] [--only NAME]
 *
 * Fires N inputs at each route and at the WebSocket (live), as Lambda events, and exits with 1 at the first that is not
 * answered as it must be.
 */

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    only: { type: "string" },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const chosen = targets.filter(({ name }) => values.only === undefined || name === values.only);
const withLive = values.only === undefined || values.only === "live";
if (!(runs > 0) || !Number.isInteger(seed) || (chosen.length === 0 && !withLive)) {
  const names = [...targets.map(({ name }) => name), "live"];
  console.error(`usage: npm run fuzz -- [--runs N] [--seed S] [--only ${names.join("|")}]`);
  process.exit(2);
}

const engine = await startEngine();
Object.assign(process.env, { POWERTOOLS_DEV: "true", POWERTOOLS_METRICS_NAMESPACE: "goTalk" });
const live = await startLiveEntry();
const functions = await makeFunctions(engine, { liveEndpoint: live.liveEndpoint, settings: SETTINGS });
console.log(`${runs} inputs for each route, seed ${seed}`);
try {
  const world = await newWorld(eventsApi(functions));
  for (const target of chosen) {
    await report(target.name, () =>
      fire(target, world, { runs, seed, deliver: (event) => invoke(functions[functionOf(event)], event) }),
    );
  }
  if (withLive) await report("live", () => live.fire(functions, world, { runs, seed }));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await live.stop();
  await engine.stop();
}

async function report(name: string, work: () => Promise<Record<string, number>>): Promise<void> {
  const started = performance.now();
  const tally = await work();
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const answers = Object.entries(tally).map(([answer, count]) => `${answer}: ${count}`);
  console.log(`${name.padEnd(9)} ${seconds.padStart(7)} s   ${answers.join("  ")}`);
}
