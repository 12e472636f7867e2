import fc from "fast-check";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { prove, repetition } from "./prove.ts";
import { addUp, type Tally } from "./tally.ts";

/** One check that a worker is asked for, on the engine that its command line names. */
export interface Check {
  readonly numRuns: number;
  readonly seed: number;
  /** Of a counterexample: only that one is run. */
  readonly path?: string | undefined;
}

/** What a check has shown. */
export interface Report {
  readonly tally: Tally;
  /** How a run failed, shrunk, and what repeats it. */
  readonly counterexample?: string | undefined;
}

async function work(engine: TestEngine, { path, ...check }: Check): Promise<Report> {
  let tally: Tally = {};
  const details = await prove(engine, { ...check, ...(path !== undefined && { path }) }, (one) => {
    tally = addUp(tally, one);
  });
  if (!details.failed) return { tally };
  return { tally, counterexample: `${await fc.asyncDefaultReportMessage(details)}\n${repetition(name, details)}` };
}

const [, , name = ""] = process.argv;
const engine = await startEngine(name, "close");
process.on("message", (check) => void work(engine, check as Check).then((report) => process.send?.(report)));
process.once("disconnect", () => void engine.stop());
