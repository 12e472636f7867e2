import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SERVERLESS = join(ROOT, "node_modules/serverless/bin/serverless.js");

/**
 * Runs the framework as the npm scripts do, in a process of its own that has none of the shell's settings of AWS.
 *
 * @returns What it printed.
 * @throws {Error} It failed; the message is what it printed.
 */
export async function serverless(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  region = "eu-central-1",
): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));
  const options = ["--stage", "dev", "--region", region];
  const run = promisify(execFile)(process.execPath, [SERVERLESS, ...parameters, ...options], {
    cwd: ROOT,
    env: { ...env, ...environment },
  });
  const { stdout, stderr } = await run.catch((error) => {
    throw new Error(error.stdout + error.stderr, { cause: error });
  });
  return stdout + stderr;
}
