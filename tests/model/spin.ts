import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Search } from "./search.ts";

const pathOf = (model: string): string => fileURLToPath(new URL(model, import.meta.url));
/** Of the checker that SPIN writes: only assertions, and states stored in as few bytes as may be. */
const CHECKER = ["-w", "-DSAFETY", "-DCOLLAPSE", "-DVECTORSZ=2048", "-DMEMLIM=12000"];
/** An error is found so soon that it takes longer to compile the search for speed. */
const optimized = (finds: boolean): string => (finds ? "-O1" : "-O2");
/** `-n`: no list of what was never reached. `-m`: steps of one path; a longer one makes the search incomplete. */
const RUN = ["-m100000", "-w24", "-n"];

const run = promisify(execFile);

/** What a search came to. */
export interface Outcome {
  /** Different states that were stored. */
  readonly states: number;
  readonly seconds: number;
  /** All that can happen within the bounds was searched. */
  readonly isComplete: boolean;
  /** The name of the assertion that failed, or what else went wrong, as SPIN says it. */
  readonly error: string | undefined;
  /** The steps that lead there. */
  readonly trail: string | undefined;
}

/** The programs that a search needs and that are not installed. */
export function missingTools(): string[] {
  return ["spin", "gcc"].filter((tool) => {
    try {
      execFileSync(tool, [tool === "spin" ? "-V" : "--version"], { stdio: "ignore" });
      return false;
    } catch {
      return true;
    }
  });
}

/** Searches all states of a model that its settings allow, in a folder of its own. */
export async function explore({ model, settings, fails, minutes }: Search): Promise<Outcome> {
  const cwd = mkdtempSync(join(tmpdir(), "gotalk-model-"));
  const defines = settings.map((setting) => `-D${setting}`);
  try {
    await run("spin", ["-a", ...defines, pathOf(model)], { cwd });
    await run("gcc", [optimized(fails !== undefined), ...CHECKER, "-o", "pan", "pan.c"], { cwd });
    const started = performance.now();
    const bound = minutes === undefined ? [] : [`-Q${minutes}`];
    const { stdout } = await run("./pan", [...RUN, ...bound], { cwd });
    const seconds = (performance.now() - started) / 1_000;
    const searched = { model, cwd, defines };
    const error = await errorIn(stdout, searched);
    return {
      states: Number(/([\d.e+]+) states, stored/.exec(stdout)?.[1]),
      seconds,
      isComplete: !/Search not completed|max search depth too small|out of memory/.test(stdout),
      error,
      trail: error === fails ? undefined : await trailOf(searched, "-p", "-g"),
    };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

interface Searched {
  readonly model: string;
  readonly cwd: string;
  readonly defines: readonly string[];
}

/** In a model each assertion is followed, on its line, by a comment with its name. */
async function errorIn(output: string, searched: Searched): Promise<string | undefined> {
  const complaint = /^pan:\d+: (.*?)(?: \(at depth \d+\))?$/m.exec(output)?.[1];
  if (complaint === undefined) return undefined;
  const trail = await trailOf(searched);
  const line = Number(/\w+\.pml:(\d+), Error: assertion violated/.exec(trail)?.[1]);
  const text = readFileSync(pathOf(searched.model), "utf8").split("\n")[line - 1] ?? "";
  return /\/\* (\w+) \*\/$/.exec(text)?.[1] ?? complaint;
}

const TRAIL_BYTES = 64_000_000;

/** The steps that lead to an error. */
async function trailOf({ model, cwd, defines }: Searched, ...detail: string[]): Promise<string> {
  const arguments_ = [...detail, "-t", "-k", join(cwd, `${model}.trail`), ...defines, pathOf(model)];
  const { stdout } = await run("spin", arguments_, { cwd, maxBuffer: TRAIL_BYTES });
  return stdout;
}
