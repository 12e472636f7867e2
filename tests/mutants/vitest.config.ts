import { defineConfig, mergeConfig } from "vitest/config";
import base from "../../vitest.config.ts";

/** Stryker names the test files itself, and runs them once for each mutant. See `main.ts`. */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      isolate: process.env["MUTANTS_ISOLATE"] === "yes",
      testTimeout: 20_000,
      env: { TEST_ENGINES: "one" },
    },
  }),
);
