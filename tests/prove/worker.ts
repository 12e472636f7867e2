import fc from "fast-check";
import { startProofEngine } from "./engine.ts";
import { prove } from "./prove.ts";
import { addUp, type Tally } from "./tally.ts";

/** What a worker is asked to do. */
export interface Job {
  readonly engine: string;
  readonly runs: number;
  readonly seed: number;
  /** Of a counterexample: only that one is run. */
  readonly path?: string | undefined;
}

/** What it tells: what happened since the last time, or how a run failed. */
export interface Report {
  readonly tally?: Tally;
  readonly counterexample?: string;
}

/** fast-check remembers every run of a check; a new check now and then keeps the memory flat. */
const RUNS_PER_CHECK = 250;

async function work({ engine: name, runs, seed, path }: Job): Promise<void> {
  // Each fault that the code survives is logged, and they are many.
  console.warn = () => {};
  const engine = await startProofEngine(name);
  for (let done = 0; done < runs && process.connected; done += RUNS_PER_CHECK) {
    let tally: Tally = {};
    const numRuns = Math.min(RUNS_PER_CHECK, runs - done);
    const details = await prove(engine, { numRuns, seed: seed + done, ...(path !== undefined && { path }) }, (one) => {
      tally = addUp(tally, one);
    });
    report({ tally });
    const counterexample = await fc.asyncDefaultReportMessage(details);
    if (counterexample !== undefined) report({ counterexample });
    if (counterexample !== undefined || path !== undefined) break;
  }
  await engine.stop();
  if (process.connected) process.disconnect();
}

function report(message: Report): void {
  if (process.connected) process.send?.(message);
}

process.once("message", (job) => void work(job as Job));
