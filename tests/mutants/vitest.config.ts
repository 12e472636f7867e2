import { defineConfig } from "vitest/config";

/** Stryker names the test files itself, and runs them once for each mutant. See `main.ts`. */
export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    isolate: process.env["MUTANTS_ISOLATE"] === "yes",
    testTimeout: 20_000,
    env: { TEST_ENGINES: "one" },
  },
});
