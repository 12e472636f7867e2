import { parseArgs } from "node:util";
import { engines } from "../support/engines.ts";
import { eventsApi, functionOf, invoke } from "../support/events.ts";
import { loadFunctions } from "../support/functions.ts";
import { fire } from "./fire.ts";
import { targets } from "./targets.ts";
import { newWorld, WITHOUT_SEND_LIMIT } from "./world.ts";

/*
 * npm run fuzz -- [--runs N] [--seed S] [--only NAME]
 *
 * Fires N inputs at each route, as Lambda events, and exits with 1 at the first that is not answered as it must be.
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
if (!(runs > 0) || !Number.isInteger(seed) || chosen.length === 0) {
  console.error(`usage: npm run fuzz -- [--runs N] [--seed S] [--only ${targets.map(({ name }) => name).join("|")}]`);
  process.exit(2);
}

const [kind] = engines;
if (kind === undefined) throw new Error("there is no engine");
const engine = await kind.start();
Object.assign(process.env, WITHOUT_SEND_LIMIT, { POWERTOOLS_DEV: "true" });
const functions = await loadFunctions(engine);
console.log(`${runs} inputs for each route, seed ${seed}`);
try {
  const world = await newWorld(eventsApi(functions));
  for (const target of chosen) {
    const started = performance.now();
    const tally = await fire(target, world, {
      runs,
      seed,
      deliver: (event) => invoke(functions[functionOf(event)], event),
    });
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    const answers = Object.entries(tally).map(([status, count]) => `${status}: ${count}`);
    console.log(`${target.name.padEnd(9)} ${seconds.padStart(7)} s   ${answers.join("  ")}`);
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await engine.stop();
}
