import { defineConfig } from "vitest/config";
import suite from "../../vitest.config.ts";

/** Stryker runs the tests that `main.ts` names, once for each mutant. */
export default defineConfig({
  test: {
    ...suite.test,
    // Stryker's own option for it would switch a mutant on too late for what is run only while its file loads.
    include: process.env["MUTANTS_TESTS"]?.split(",") ?? [],
    // What the whole suite printed is no matter of a mutant.
    globalSetup: [],
    setupFiles: [],
    isolate: process.env["MUTANTS_ISOLATE"] === "yes",
    env: { ...suite.test?.env, TEST_ENGINES: "one" },
  },
});
