import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Serverless } from "serverless-offline";

const LOCK = fileURLToPath(new URL("../package-lock.json", import.meta.url));

/**
 * Has the framework check a configuration against its schema once, and not at each start: the check is 8 MB of generated
 * code, which takes 0.4 s and 70 MB. A configuration that the check has changed is not remembered, as it would be changed
 * again; nor is one with a mistake.
 *
 * @param folder for an empty file for each configuration that was found to be right
 */
export function rememberRightConfigurations({ configSchemaHandler }: Serverless, folder: string): void {
  const check = configSchemaHandler.validateConfig;
  configSchemaHandler.validateConfig = async (configuration) => {
    const key = keyOf(configuration);
    const file = join(folder, key);
    if (statSync(file, { throwIfNoEntry: false }) !== undefined) return;
    await check.call(configSchemaHandler, configuration);
    if (keyOf(configuration) === key) markValid(folder, file);
  };
}

/** The schema lets everything be in `custom`. It comes with the packages. */
function keyOf({ custom: _, ...configuration }: Readonly<Record<string, unknown>>): string {
  const hash = createHash("sha256").update(JSON.stringify(configuration)).update(readFileSync(LOCK));
  return hash.digest("hex").slice(0, 32);
}

/** Remembers that a configuration is right. */
function markValid(folder: string, file: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, "");
  } catch {
    // The next start then checks again.
  }
}
