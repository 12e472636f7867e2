import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "code", include: ["tests/**/*.test.ts"], exclude: ["tests/page/**"] } },
      // A browser that shares a busy machine may stall for longer than a test waits. What fails twice is no stall, and what
      // passes at the second try is marked in the output.
      { extends: true, test: { name: "page", include: ["tests/page/**/*.test.ts"], retry: 1 } },
    ],
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
