import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { StartError } from "./start-error.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const VITE = join(ROOT, "node_modules/vite/bin/vite.js");

const run = promisify(execFile);

/** What the page is made of. */
const SOURCES = ["static", "lib/client.ts", "lib/client", "lib/limits.ts", "lib/visible.ts", "package-lock.json"];

/** Where the built page lies. */
export const PAGE = join(ROOT, "static/dist");

/** Builds the page, which takes about a second, if it is missing or older than its sources. */
export async function buildPage(): Promise<void> {
  const builtAt = newest([PAGE]);
  const changedAt = newest(SOURCES.map((source) => join(ROOT, source)));
  if (builtAt > changedAt) return;
  // Beside its final place, so that another stack that starts now sees the old page or the new one, and no half.
  const fresh = mkdtempSync(join(ROOT, "node_modules/.page-"));
  try {
    await runVite(fresh);
    replace(PAGE, fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** In a process of its own: it builds for production whatever this one is for, and leaves nothing behind in it. */
async function runVite(outDir: string): Promise<void> {
  const config = join(ROOT, "static/vite.config.ts");
  const options = ["--config", config, "--configLoader", "native", "--logLevel", "error", "--outDir", outDir];
  const env = { ...process.env, NODE_ENV: "production" };
  try {
    await run(process.execPath, [VITE, "build", ...options], { env });
  } catch (error) {
    throw new StartError(`the page cannot be built: ${error instanceof Error ? error.message : error}`);
  }
}

/** Milliseconds since the epoch of the last change; 0 when nothing is there. What was built is not a source. */
function newest(paths: readonly string[]): number {
  const times = paths.map((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
    const names = readdirSync(path).filter((name) => name !== "dist");
    return newest(names.map((name) => join(path, name)));
  });
  return Math.max(0, ...times);
}

function replace(place: string, fresh: string): void {
  const old = `${fresh}-old`;
  const isThere = (): boolean => statSync(place, { throwIfNoEntry: false }) !== undefined;
  try {
    if (isThere()) renameSync(place, old);
    renameSync(fresh, place);
  } catch (error) {
    // Another stack that starts now was a moment faster, with the same page.
    if (!isThere()) throw error;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}
