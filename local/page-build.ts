import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StartError } from "./start-error.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What the page is made of. */
const SOURCES = ["static", "lib/client.ts", "lib/client", "lib/limits.ts", "package-lock.json"];

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
    const { build } = await import("vite");
    await build({
      configFile: join(ROOT, "static/vite.config.ts"),
      configLoader: "native",
      logLevel: "silent",
      build: { outDir: fresh },
    });
    replace(PAGE, fresh);
  } catch (error) {
    throw new StartError(`the page cannot be built: ${error instanceof Error ? error.message : error}`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
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
  if (statSync(place, { throwIfNoEntry: false })) renameSync(place, old);
  renameSync(fresh, place);
  rmSync(old, { recursive: true, force: true });
}
