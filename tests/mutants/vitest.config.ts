import { defineConfig } from "vitest/config";
import suite from "../../vitest.config.ts";

// Its projects name their own tests: all of them.
const { projects: _projects, ...common } = suite.test ?? {};

/** Stryker runs the tests that `main.ts` names, once for each mutant. */
export default defineConfig({
  test: {
    ...common,
    // Stryker's own option for it would switch a mutant on too late for what is run only while its file loads.
    include: process.env["MUTANTS_TESTS"]?.split(",") ?? [],
    // What the whole suite printed is no matter of a mutant.
    globalSetup: [],
    setupFiles: [],
    isolate: process.env["MUTANTS_ISOLATE"] === "yes",
    env: { ...common.env, TEST_ENGINES: "one" },
  },
});
