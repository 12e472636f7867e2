import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { installedEngines } from "./engines.ts";
import type { Proof } from "./proofs.ts";
import { addUp, type Tally } from "./tally.ts";
import type { Check, Report } from "./worker.ts";

const USAGE =
  "npm run prove -- --runs N [--proof channel|devices|groups] [--engine dynalite|dynoxide|memory] [--seed S [--path P]]";
const PROOFS: readonly Proof[] = ["channel", "devices", "groups"];
const SEEDS = 2 ** 31;
const PROGRESS_MS = 10_000;
/** fast-check remembers every run of a check; many checks keep the memory flat. */
const RUNS_PER_CHECK = 100;
/** Each fault that the code survives is logged, and they are many. */
const SILENT = { POWERTOOLS_LOG_LEVEL: "SILENT" };

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "2000" },
    proof: { type: "string" },
    engine: { type: "string" },
    seed: { type: "string" },
    path: { type: "string" },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed ?? randomInt(SEEDS));
const names = [...installedEngines, "memory"].filter((name) =>
  values.engine === undefined ? name !== "memory" : name === values.engine,
);
const wanted = PROOFS.filter((proof) => proof === (values.proof ?? proof));
const isWhole = Number.isInteger(runs) && runs > 0 && Number.isInteger(seed);
if (!isWhole || names.length === 0 || wanted.length === 0 || (values.path !== undefined && wanted.length > 1)) {
  console.error(USAGE);
  process.exit(2);
}

/** Every worker takes the next one when it is done with its last: the faster engine does more of them. */
function* checksOf(proof: Proof): Generator<Check> {
  if (values.path !== undefined) return yield { proof, numRuns: 1, seed, path: values.path };
  for (let done = 0; done < runs; done += RUNS_PER_CHECK) {
    yield { proof, numRuns: Math.min(RUNS_PER_CHECK, runs - done), seed: (seed + done) % SEEDS };
  }
}

const failures: string[] = [];

async function work(engine: string, queue: Generator<Check>, totals: Map<string, Tally>): Promise<void> {
  const worker = fork(new URL("./worker.ts", import.meta.url), [engine], { env: { ...process.env, ...SILENT } });
  const ended = once(worker, "exit");
  for (const check of queue) {
    worker.send(check);
    const report = await Promise.race([once(worker, "message").then(([message]) => message as Report), ended]);
    if (!("tally" in report)) {
      failures.push(
        `The worker of ${engine} ended with code ${report[0]}. Again with: ` +
          `npm run prove -- --proof ${check.proof} --engine ${engine} --seed ${check.seed} --runs ${check.numRuns}`,
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

async function prove(proof: Proof): Promise<void> {
  const started = performance.now();
  const queue = checksOf(proof);
  const totals = new Map<string, Tally>();
  const progress = (): void => {
    const seconds = Math.round((performance.now() - started) / 1_000);
    const done = [...totals].map(([engine, tally]) => `${engine} ${tally["runs"] ?? 0}`);
    console.log(`${seconds} s: ${done.join(", ")} of ${runs} runs`);
  };
  console.log(`Interleavings (${proof}): ${runs} runs on ${names.join(" and ")}, seed ${seed}.`);
  const timer = setInterval(progress, PROGRESS_MS);
  const perEngine = values.path === undefined ? Math.max(1, Math.floor(availableParallelism() / names.length)) : 1;
  await Promise.all(names.flatMap((name) => Array.from({ length: perEngine }, () => work(name, queue, totals))));
  clearInterval(timer);
  progress();
  console.table(Object.fromEntries(totals));
}

for (const proof of wanted) if (failures.length === 0) await prove(proof);
for (const failure of failures) console.error(failure);
if (failures.length === 0) console.log(`Nothing lost, nothing twice. Again with: --runs ${runs} --seed ${seed}`);
process.exitCode = failures.length === 0 ? 0 : 1;
