import { execFile } from "node:child_process";
import { copyFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { COMPILED } from "../support/compiled.ts";
import { temporaryFolder } from "../support/folders.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SERVERLESS = join(ROOT, "node_modules/serverless/bin/serverless.js");

/** The framework takes no symbolic link for its configuration. */
const COPIED = ["package.json", "serverless.yml", "tsconfig.json"];
const LINKED = ["deploy", "functions", "lib", "local", "node_modules", "static"];

/**
 * Runs the framework as the npm scripts do, in a process of its own that has none of the shell's settings of AWS. It packs
 * in the folder of the service, so each run has such a folder of its own: two at once would take each other's files away.
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
    cwd: serviceFolder(),
    // It leaves what it has zipped in the folder for temporary files.
    env: { ...env, NODE_COMPILE_CACHE: COMPILED, TMPDIR: temporaryFolder(), ...environment },
  });
  const { stdout, stderr } = await run.catch((error) => {
    throw new Error(error.stdout + error.stderr, { cause: error });
  });
  return stdout + stderr;
}

function serviceFolder(): string {
  const folder = temporaryFolder();
  for (const name of COPIED) copyFileSync(join(ROOT, name), join(folder, name));
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder, name));
  return folder;
}
