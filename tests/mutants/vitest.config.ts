import { defineConfig } from "vitest/config";
import suite from "../../vitest.config.ts";

/** Stryker names the test files itself, and runs them once for each mutant. See `main.ts`. */
export default defineConfig({
  test: {
    ...suite.test,
    // What the whole suite printed is no matter of a mutant.
    globalSetup: [],
    setupFiles: [],
    isolate: process.env["MUTANTS_ISOLATE"] === "yes",
    env: { ...suite.test?.env, TEST_ENGINES: "one" },
  },
});
