import fc from "fast-check";
import type { TestEngine } from "../support/engines.ts";
import { type EngineName, startProofEngine } from "./engines.ts";
import { type Proof, proofs } from "./proofs.ts";
import { repetition } from "./prove.ts";
import { addUp, type Tally } from "./tally.ts";

/** One check that a worker is asked for, on the engine that its command line names. */
export interface Check {
  readonly proof: Proof;
  readonly numRuns: number;
  readonly seed: number;
  /** Of a counterexample: only that one is run. */
  readonly path?: string | undefined;
  /** A counterexample is not shrunk. */
  readonly endOnFailure?: boolean;
}

/** What a check has shown. */
export interface Report {
  readonly tally: Tally;
  /** How a run failed, shrunk, and what repeats it. */
  readonly counterexample?: string | undefined;
}

async function work(engine: TestEngine, { proof, path, ...check }: Check): Promise<Report> {
  let tally: Tally = {};
  const details = await proofs[proof](engine, { ...check, ...(path !== undefined && { path }) }, (one) => {
    tally = addUp(tally, one);
  });
  if (!details.failed) return { tally };
  return {
    tally,
    counterexample: `${await fc.asyncDefaultReportMessage(details)}\n${repetition(proof, name, details)}`,
  };
}

const [, , name = ""] = process.argv;
const start = (): Promise<TestEngine> => startProofEngine(name as EngineName);
let engine = await start();

/** The engine in memory forgets nothing: each check gets a new one. */
async function check(one: Check): Promise<void> {
  if (name === "memory") engine = await start();
  process.send?.(await work(engine, one));
}

process.on("message", (one) => void check(one as Check));
process.once("disconnect", () => void engine.stop());
