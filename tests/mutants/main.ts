import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { type MutantResult, report } from "./report.ts";
import { type Target, targets } from "./targets.ts";

/*
 * npm run mutants -- [--force] [FILE...]
 *
 * Changes the code of each file in every small way that Stryker knows, and looks whether a test of the file fails. Exits
 * with 1 when a file is below its threshold, or when a mutant survives that EQUIVALENT.md does not explain. What was found
 * out is kept in .local/mutants, and taken over while neither the code nor its tests change; --force begins anew.
 */

const { values, positionals } = parseArgs({ allowPositionals: true, options: { force: { type: "boolean" } } });
const files = positionals.length > 0 ? positionals : Object.keys(targets);
const unknown = files.filter((file) => !Object.hasOwn(targets, file));
if (unknown.length > 0) {
  console.error(`${unknown.join(", ")}: not among ${Object.keys(targets).join(", ")}`);
  process.exit(2);
}

/**
 * Twice: first with all tests in one process that lives on, which is much faster. What is run only while a file loads is
 * left out there, as it has run by then, and is done after that, in fresh processes.
 */
async function mutate(file: string, { threshold, tests }: Target): Promise<boolean> {
  forgetStaticSurvivors(memoryOf(file));
  const results = await run(file, tests, true, true);
  const isComplete = results.every(({ status }) => status !== "Ignored");
  return report(file, threshold, isComplete ? results : await run(file, tests, false, false));
}

const memoryOf = (file: string): string => `.local/mutants/${file.replaceAll("/", "-")}.json`;

/**
 * Stryker does not know which tests run a static mutant, so that it would take its survival over though a test has come
 * that finds it.
 */
function forgetStaticSurvivors(memory: string): void {
  if (!existsSync(memory)) return;
  const known = JSON.parse(readFileSync(memory, "utf8")) as Memory;
  for (const one of Object.values(known.files)) {
    one.mutants = one.mutants.filter((mutant) => !(mutant.static && mutant.status === "Survived"));
  }
  writeFileSync(memory, JSON.stringify(known));
}

/** What is needed here of Stryker's file of a run. */
interface Memory {
  readonly files: Record<string, { mutants: { readonly static?: boolean; readonly status: string }[] }>;
}

function run(file: string, tests: readonly string[], livesOn: boolean, isFirst: boolean): Promise<MutantResult[]> {
  const name = file.replaceAll("/", "-");
  process.env["MUTANTS_ISOLATE"] = livesOn ? "" : "yes";
  process.env["MUTANTS_TESTS"] = tests.join();
  const stryker = new Stryker({
    plugins: ["@stryker-mutator/vitest-runner"],
    testRunner: "vitest",
    vitest: { configFile: "tests/mutants/vitest.config.ts", related: false },
    mutate: [file],
    coverageAnalysis: "perTest",
    ignoreStatic: livesOn,
    concurrency: 2,
    // A mutant that waits for ever is one that was found; a slow machine must not look like it.
    timeoutMS: 20_000,
    timeoutFactor: 4,
    tempDirName: `.local/mutants/${name}`,
    // Stryker would rewrite tsconfig.json by an API that TypeScript 7 does not have.
    ignorePatterns: [".local", ".serverless", ".esbuild", "static/dist", "tsconfig.json"],
    incremental: true,
    incrementalFile: memoryOf(file),
    force: isFirst && values.force === true,
    reporters: ["progress-append-only"],
    warnings: false,
  });
  return stryker.runMutationTest();
}

for (const file of files) {
  const target = targets[file];
  if (target === undefined) continue;
  const isGood = await mutate(file, target).catch((error: unknown) => {
    console.error(`${file}: ${error}`);
    return false;
  });
  if (!isGood) process.exitCode = 1;
}
