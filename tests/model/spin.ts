import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Search } from "./searches.ts";

const MODEL = fileURLToPath(new URL("channel.pml", import.meta.url));
/** Of the checker that SPIN writes: only assertions, and states stored in as few bytes as may be. */
const CHECKER = ["-O2", "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=12000"];
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

/** Searches all states of the model that its settings allow, in a folder of its own. */
export async function explore({ settings, fails }: Search): Promise<Outcome> {
  const cwd = mkdtempSync(join(tmpdir(), "gotalk-model-"));
  const defines = settings.map((setting) => `-D${setting}`);
  try {
    await run("spin", ["-a", ...defines, MODEL], { cwd });
    await run("gcc", [...CHECKER, "-o", "pan", "pan.c"], { cwd });
    const started = performance.now();
    const { stdout } = await run("./pan", RUN, { cwd });
    const seconds = (performance.now() - started) / 1_000;
    const error = await errorIn(stdout, cwd, defines);
    return {
      states: Number(/([\d.e+]+) states, stored/.exec(stdout)?.[1]),
      seconds,
      isComplete: !/Search not completed|max search depth too small|out of memory/.test(stdout),
      error,
      trail: error === fails ? undefined : await trailOf(cwd, defines, "-p", "-g"),
    };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** In the model each assertion is followed, on its line, by a comment with its name. */
async function errorIn(output: string, cwd: string, defines: readonly string[]): Promise<string | undefined> {
  const complaint = /^pan:\d+: (.*?)(?: \(at depth \d+\))?$/m.exec(output)?.[1];
  if (complaint === undefined) return undefined;
  const trail = await trailOf(cwd, defines);
  const line = Number(/channel\.pml:(\d+), Error: assertion violated/.exec(trail)?.[1]);
  return /\/\* (\w+) \*\/$/.exec(readFileSync(MODEL, "utf8").split("\n")[line - 1] ?? "")?.[1] ?? complaint;
}

const TRAIL_BYTES = 64_000_000;

/** The steps that lead to an error. */
async function trailOf(cwd: string, defines: readonly string[], ...detail: string[]): Promise<string> {
  const arguments_ = [...detail, "-t", "-k", join(cwd, "channel.pml.trail"), ...defines, MODEL];
  const { stdout } = await run("spin", arguments_, { cwd, maxBuffer: TRAIL_BYTES });
  return stdout;
}
