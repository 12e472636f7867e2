import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: "tests/support/find-leaks.ts",
    setupFiles: "tests/support/watch-output.ts",
    pool: "forks",
    // Logs go through the console, where tests can watch them, and no metrics are printed between the tests' own lines.
    env: { POWERTOOLS_DEV: "true" },
    // A stack under test needs a core of its own beside the test's.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});
