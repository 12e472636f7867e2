import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { engines } from "../support/engines.ts";
import { addUp, type Tally } from "./tally.ts";
import type { Check, Report } from "./worker.ts";

const USAGE = "npm run prove -- --runs N [--engine dynalite|dynoxide] [--seed S [--path P]]";
const SEEDS = 2 ** 31;
const PROGRESS_MS = 10_000;
/** fast-check remembers every run of a check; many checks keep the memory flat. */
const RUNS_PER_CHECK = 100;
/** Each fault that the code survives is logged, and they are many. */
const SILENT = { POWERTOOLS_LOG_LEVEL: "SILENT" };

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

/** Every worker takes the next one when it is done with its last: the faster engine does more of them. */
function* checks(): Generator<Check> {
  if (values.path !== undefined) return yield { numRuns: 1, seed, path: values.path };
  for (let done = 0; done < runs; done += RUNS_PER_CHECK) {
    yield { numRuns: Math.min(RUNS_PER_CHECK, runs - done), seed: (seed + done) % SEEDS };
  }
}

const started = performance.now();
const queue = checks();
const totals = new Map<string, Tally>();
const failures: string[] = [];
const seconds = (): number => Math.round((performance.now() - started) / 1_000);

async function work(engine: string): Promise<void> {
  const worker = fork(new URL("./worker.ts", import.meta.url), [engine], { env: { ...process.env, ...SILENT } });
  const ended = once(worker, "exit");
  for (const check of queue) {
    worker.send(check);
    const report = await Promise.race([once(worker, "message").then(([message]) => message as Report), ended]);
    if (!("tally" in report)) {
      failures.push(
        `The worker of ${engine} ended with code ${report[0]}. ` +
          `Again with: npm run prove -- --engine ${engine} --seed ${check.seed} --runs ${check.numRuns}`,
      );
      break;
    }
    totals.set(engine, addUp(totals.get(engine) ?? {}, report.tally));
    if (report.counterexample !== undefined) failures.push(`On ${engine}:\n${report.counterexample}`);
    if (failures.length > 0) break;
  }
  if (worker.connected) worker.disconnect();
  await ended;
}

function progress(): void {
  const done = [...totals].map(([engine, tally]) => `${engine} ${tally["runs"] ?? 0}`);
  console.log(`${seconds()} s: ${done.join(", ")} of ${runs} runs`);
}

console.log(`Interleavings: ${runs} runs on ${names.join(" and ")}, seed ${seed}.`);
const timer = setInterval(progress, PROGRESS_MS);
const perEngine = values.path === undefined ? Math.max(1, Math.floor(availableParallelism() / names.length)) : 1;
await Promise.all(names.flatMap((name) => Array.from({ length: perEngine }, () => work(name))));
clearInterval(timer);
progress();
console.table(Object.fromEntries(totals));
for (const failure of failures) console.error(failure);
if (failures.length === 0) console.log(`Nothing lost, nothing twice. Again with: --runs ${runs} --seed ${seed}`);
process.exitCode = failures.length === 0 ? 0 : 1;
