import { type ChildProcess, fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { engines } from "../support/engines.ts";
import { addUp, type Tally } from "./tally.ts";
import type { Job, Report } from "./worker.ts";

const USAGE = "npm run prove -- --runs N [--engine dynalite|dynoxide] [--seed S [--path P]]";
const SEEDS = 2 ** 31;
const PROGRESS_MS = 10_000;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "2000" },
    engine: { type: "string" },
    seed: { type: "string" },
    path: { type: "string" },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed ?? randomInt(SEEDS));
const names = engines.map(({ name }) => name).filter((name) => name === (values.engine ?? name));
if (!(runs > 0) || !Number.isInteger(runs) || !Number.isInteger(seed) || names.length === 0) {
  console.error(USAGE);
  process.exit(2);
}

/** One for each engine, and more of each while there are processors. A counterexample is run once. */
function jobs(): Job[] {
  const shards = values.path === undefined ? Math.max(1, Math.floor(availableParallelism() / names.length)) : 1;
  const count = names.length * shards;
  return Array.from({ length: count }, (_, n) => ({
    engine: names[n % names.length] ?? "",
    runs: Math.floor((runs + n) / count),
    // A shard's seeds must not meet another's; those of two engines may.
    seed: (seed + Math.floor(n / names.length) * Math.floor(SEEDS / 64)) % SEEDS,
    path: values.path,
  }));
}

const started = performance.now();
const totals = new Map<string, Tally>();
const counterexamples: string[] = [];
const workers: ChildProcess[] = [];
const seconds = (): number => Math.round((performance.now() - started) / 1_000);

function take(job: Job, { tally, counterexample }: Report): void {
  if (tally) totals.set(job.engine, addUp(totals.get(job.engine) ?? {}, tally));
  if (counterexample === undefined) return;
  counterexamples.push(`On ${job.engine}:\n${counterexample}`);
  // The others stop at the end of their check.
  for (const worker of workers) if (worker.connected) worker.disconnect();
}

async function work(job: Job): Promise<void> {
  const worker = fork(new URL("./worker.ts", import.meta.url));
  workers.push(worker);
  worker.on("message", (report) => take(job, report as Report));
  worker.send(job);
  const [code] = await once(worker, "exit");
  if (code !== 0) counterexamples.push(`The worker of ${job.engine} ended with code ${code}.`);
}

function progress(): void {
  const done = [...totals].map(([engine, tally]) => `${engine} ${tally["runs"] ?? 0}`);
  console.log(`${seconds()} s: ${done.join(", ")} of ${runs} runs`);
}

console.log(`Interleavings: ${runs} runs on ${names.join(" and ")}, seed ${seed}.`);
const timer = setInterval(progress, PROGRESS_MS);
await Promise.all(jobs().map(work));
clearInterval(timer);
progress();
console.table(Object.fromEntries(totals));
for (const counterexample of counterexamples) console.error(counterexample);
console.log(
  counterexamples.length === 0
    ? `Nothing lost, nothing twice. Again with: --runs ${runs} --seed ${seed}`
    : "A run failed. Run it alone with its seed and path: npm run prove -- --engine E --seed S --path P",
);
process.exitCode = counterexamples.length === 0 ? 0 : 1;
