import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { reason, StartError } from "./start-error.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const VITE = join(ROOT, "node_modules/vite/bin/vite.js");

const run = promisify(execFile);

/** What goes into the page: sources and tools. */
const SOURCES = ["static", "lib/client", "lib/contract", "package-lock.json", "stack/page-build.ts"];

/** Where the built page lies. */
export const PAGE = join(ROOT, "static/dist");

/**
 * Builds the page, which takes about a second, if it is missing or older than its sources.
 *
 * @param place Where it shall lie.
 * @param work The folder in which it is built, on the same file system.
 * @throws {StartError} It cannot be built, or not be put where it belongs.
 */
export async function buildPage(place = PAGE, work = join(ROOT, "node_modules")): Promise<void> {
  if (isFresh(place)) return;
  await orUnwritable(async () => {
    // Beside its final place, so that another stack that starts now sees the old page or the new one, and no half.
    const fresh = mkdtempSync(join(work, ".page-"));
    try {
      await runVite(fresh);
      // For all who may read the other files here; a temporary folder is its owner's alone.
      chmodSync(fresh, 0o777 & ~process.umask());
      replace(place, fresh);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  });
}

function isFresh(place: string): boolean {
  try {
    return newest([place]) > newest(SOURCES.map((source) => join(ROOT, source)));
  } catch (error) {
    throw new StartError(`The page in ${place} cannot be read (${reason(error)}). Make it readable.`, { cause: error });
  }
}

/** Somebody else's clone, or a disk that is read-only, serves a page that is built. */
async function orUnwritable(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      `The page has to be built, and ${ROOT} cannot be written (${reason(error)}). Make it writable, or let its owner start once.`,
      { cause: error },
    );
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
