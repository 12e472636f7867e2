import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { findDynoxide } from "./tests/support/dynoxide.ts";
import { checkFolder } from "./tests/support/folder-name.ts";
import { LongestFirst } from "./tests/support/longest-first.ts";
import { needsOwnProcess } from "./tests/support/own-process.ts";
import { runsOnEachEngine } from "./tests/support/runs-on-each-engine.ts";

checkFolder(import.meta.dirname);

const absolute = (file: string): string => join(import.meta.dirname, file);

const { long = [], quick = [] } = Object.groupBy(
  globSync("tests/**/*.test.ts", { cwd: import.meta.dirname }),
  (file) => (file.endsWith(".long.test.ts") ? "long" : "quick"),
);
const onEngines = quick.filter((file) => runsOnEachEngine(absolute(file)));

/** Two projects: files that need a process of their own, and files that share some. */
function projectsOf(name: string, files: readonly string[], engines?: "one" | "other") {
  const { own = [], together = [] } = Object.groupBy(files, (file) =>
    needsOwnProcess(absolute(file)) ? "own" : "together",
  );
  const env = engines === undefined ? {} : { TEST_ENGINES: engines };
  return [
    { extends: true, test: { name, include: own, env } },
    { extends: true, test: { name: `${name}-together`, include: together, isolate: false, env } },
  ] as const;
}

export default defineConfig({
  test: {
    globalSetup: [
      "tests/support/own-environment.ts",
      "tests/support/find-leaks.ts",
      "tests/support/page/unpack-browser.ts",
      "tests/support/shared/setup.ts",
    ],
    setupFiles: ["tests/support/each-file.ts"],
    pool: "forks",
    // Logs go through the console, where tests can watch them, and no metrics are printed between the tests' own lines.
    env: { POWERTOOLS_DEV: "true", POWERTOOLS_METRICS_NAMESPACE: "goTalk", POWERTOOLS_SERVICE_NAME: "gotalk-test" },
    // Most tests wait for something most of their time: twice as many as there are processors keep them busy.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    // These end what hangs, and assert nothing: a stack alone takes half a minute to start on a machine that others keep busy.
    testTimeout: 400_000,
    hookTimeout: 400_000,
    projects: [
      ...projectsOf("quick", quick, "one"),
      ...(findDynoxide() === undefined ? [] : projectsOf("long-other-engine", onEngines, "other")),
      ...projectsOf("long", long),
    ],
  },
});
