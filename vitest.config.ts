import { defineConfig } from "vitest/config";
import { checkFolder } from "./tests/support/folder-name.ts";

checkFolder(import.meta.dirname);

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: [
      "tests/support/own-environment.ts",
      "tests/support/find-leaks.ts",
      "tests/support/page/unpack-browser.ts",
    ],
    setupFiles: [
      "tests/support/watch-output.ts",
      "tests/support/end-with-file.ts",
      "tests/support/no-vacuous-match.ts",
    ],
    pool: "forks",
    // Logs go through the console, where tests can watch them, and no metrics are printed between the tests' own lines.
    env: { POWERTOOLS_DEV: "true", POWERTOOLS_METRICS_NAMESPACE: "goTalk", POWERTOOLS_SERVICE_NAME: "gotalk-test" },
    // A stack under test needs a core of its own beside the test's.
    maxWorkers: 2,
    // These end what hangs, and assert nothing: a stack alone takes half a minute to start on a machine that others keep busy.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
