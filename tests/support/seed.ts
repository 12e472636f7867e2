import { randomInt } from "node:crypto";
import { relative } from "node:path";
import { beforeEach } from "vitest";

/**
 * The seed of a file's tests with random inputs: `TEST_SEED`, or a random one. What fails says how to repeat it. To be called
 * where tests are described.
 */
export function useSeed(): number {
  const seed = Number(process.env["TEST_SEED"] ?? randomInt(2 ** 31));
  beforeEach(({ task, onTestFailed }) => {
    onTestFailed(() => {
      const file = relative(process.cwd(), task.file.filepath);
      console.error(`Again with: TEST_SEED=${seed} npx vitest run ${file} -t ${JSON.stringify(task.name)}`);
    });
  });
  return seed;
}
