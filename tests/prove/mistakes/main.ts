import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Proof } from "../proofs.ts";
import type { Check, Report } from "../worker.ts";
import { mistakes, RULES } from "./mistakes.ts";

/*
 *   npm run mistakes [-- --most RUNS --proof devices|groups] [WORDS]
 *
 * The tables of docs/proof.md; of the mistakes whose names have the words.
 *
 * Puts one mistake after the other into the code, and measures after how many runs the proof finds it: the middle one of three
 * measurements, each with seeds of its own.
 */

const { values, positionals } = parseArgs({
  options: { most: { type: "string", default: "5000" }, proof: { type: "string" } },
  allowPositionals: true,
});
const most = Number(values.most);
const isWanted = ({ name, proof }: (typeof mistakes)[number]): boolean =>
  name.includes(positionals.join(" ")) && proof === (values.proof ?? proof);
const wanted = mistakes.filter(isWanted);

const FIRST_SEEDS = [1_000_000, 2_000_000, 3_000_000];
/** A worker gets a new engine for each check, as the one in memory forgets nothing. */
const RUNS_PER_CHECK = 100;
const WORKER = new URL("../worker.ts", import.meta.url);
const HOOK = new URL("./hook.ts", import.meta.url).href;

/** What a measurement came to. */
interface Found {
  /** Infinite: as many as there may be have not found it. */
  readonly runs: number;
  readonly rules: readonly string[];
}

/** Runs until the first one that fails. */
async function measure(worker: ReturnType<typeof fork>, proof: Proof, firstSeed: number): Promise<Found> {
  for (let done = 0; done < most; done += RUNS_PER_CHECK) {
    const numRuns = Math.min(RUNS_PER_CHECK, most - done);
    worker.send({ proof, numRuns, seed: firstSeed + done, endOnFailure: true } satisfies Check);
    const [{ tally, counterexample }] = (await once(worker, "message")) as [Report];
    if (counterexample !== undefined) return { runs: done + (tally["runs"] ?? 0) + 1, rules: rulesIn(counterexample) };
  }
  return { runs: Number.POSITIVE_INFINITY, rules: [] };
}

function rulesIn(counterexample: string): string[] {
  const rules = RULES.filter((rule) => counterexample.includes(`${rule}: `));
  return rules.length > 0 ? rules : [/Error: (.*)/.exec(counterexample)?.[1] ?? counterexample];
}

async function measureAll({ name, proof }: (typeof wanted)[number]): Promise<Found> {
  const env = { ...process.env, POWERTOOLS_LOG_LEVEL: "SILENT", MISTAKE: name };
  const worker = fork(WORKER, ["memory"], { env, execArgv: ["--import", HOOK] });
  const ended = once(worker, "exit");
  const found: Found[] = [];
  for (const seed of FIRST_SEEDS) {
    const one = await Promise.race([measure(worker, proof, seed), ended]);
    if (!("runs" in one)) throw new Error(`The worker with the mistake "${name}" has ended`);
    found.push(one);
  }
  worker.disconnect();
  await ended;
  const runs = found.map((one) => one.runs).toSorted((one, other) => one - other)[Math.floor(found.length / 2)] ?? 0;
  const first = found.flatMap(({ rules }) => rules);
  const rules = [...new Set(first)].toSorted((one, other) => timesIn(first, other) - timesIn(first, one));
  return { runs, rules };
}

const timesIn = (all: readonly string[], one: string): number => all.filter((other) => other === one).length;

const table = new Map<string, string>();

async function work(queue: Iterator<(typeof wanted)[number]>): Promise<void> {
  for (let next = queue.next(); next.done !== true; next = queue.next()) {
    const { name } = next.value;
    const { runs, rules } = await measureAll(next.value);
    const row = `| ${name} | ${runs > most ? "not found" : runs.toLocaleString("en")} | ${rules.join(", ")} |`;
    console.error(row);
    table.set(name, row);
  }
}

const queue = wanted.values();
await Promise.all(Array.from({ length: availableParallelism() }, () => work(queue)));
console.log(["| mistake | found after runs | what was broken |", "| --- | --- | --- |"].join("\n"));
for (const { name } of wanted) console.log(table.get(name));
