import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { reason, StartError } from "../stack/start-error.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What goes into the bundles: sources and tools. */
const SOURCES = ["functions", "lib", "package-lock.json", "tsconfig.json", "local/function-bundles.ts"];

/** Those of the last weeks are kept: a branch that one comes back to has its bundles. */
const KEPT_MS = 14 * 24 * 3_600_000;

/** `custom.esbuild` of `serverless.yml`: esbuild's options, with some of the plugin that packages for AWS. */
export type BundleOptions = Readonly<Record<string, unknown>> & {
  readonly outputFileExtension?: string;
  readonly exclude?: readonly string[];
};

/** Bundled functions. */
export interface Bundles {
  /** Where they lie. It changes with what they are made of. */
  readonly folder: string;
  /** @returns the URL of a function's bundle, from its path without the extension, such as `functions/send` */
  urlOf(entry: string): string;
}

/**
 * Bundles functions as they are deployed, unless the same sources were bundled before: by this start, another one, or one
 * in another data folder. esbuild is loaded only if it has something to do, and its process ends with that.
 *
 * @param entries the functions' paths without the extension, such as `functions/send`
 * @param places the folders to keep bundles in. The first one that can be written is used.
 * @throws {StartError} when they cannot be bundled, or kept nowhere
 */
export async function bundleFunctions(
  entries: readonly string[],
  options: BundleOptions,
  places: readonly string[],
): Promise<Bundles> {
  const key = keyOf(entries, options);
  const extension = options.outputFileExtension ?? ".js";
  const bundlesIn = (folder: string): Bundles => ({
    folder,
    urlOf: (entry) => pathToFileURL(join(folder, `${entry}${extension}`)).href,
  });
  const known = places.map((place) => join(place, key)).find(isThere);
  if (known !== undefined) {
    touch(known);
    return bundlesIn(known);
  }
  let failure: unknown;
  for (const place of places) {
    const work = join(place, `.${randomUUID()}`);
    try {
      mkdirSync(work, { recursive: true, mode: 0o700 });
    } catch (error) {
      failure = error;
      continue;
    }
    try {
      await build(entries, options, work);
      return bundlesIn(keep(work, place, key));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  throw new StartError(
    `The functions have to be bundled, and ${places.join(" and ")} cannot be written (${reason(failure)}). Make one of them writable.`,
    { cause: failure },
  );
}

/** What ends esbuild's process would leave another build without an answer. */
let lastBuild: Promise<unknown> = Promise.resolve();

/** One build after the other. */
function build(...what: Parameters<typeof buildNow>): Promise<void> {
  const built = lastBuild.then(() => buildNow(...what));
  lastBuild = built.catch(() => undefined);
  return built;
}

async function buildNow(entries: readonly string[], options: BundleOptions, outdir: string): Promise<void> {
  const { outputFileExtension = ".js", exclude = [], watch: _, ...own } = options;
  const esbuild = await import("esbuild");
  try {
    await esbuild.build({
      ...own,
      external: [...exclude],
      outExtension: { ".js": outputFileExtension },
      absWorkingDir: ROOT,
      entryPoints: entries.map((entry) => `${entry}.ts`),
      outbase: ".",
      outdir,
      logLevel: "silent",
    });
  } catch (error) {
    throw new StartError(`The functions cannot be bundled: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    await esbuild.stop();
  }
}

/** Puts what was built in its place as a whole, so that no other start sees a half, and removes what is old. */
function keep(work: string, place: string, key: string): string {
  const folder = join(place, key);
  try {
    renameSync(work, folder);
  } catch (error) {
    // Another stack that starts now was a moment faster, with the same bundles.
    if (!isThere(folder)) throw error;
  }
  for (const name of readdirSync(place)) {
    const other = join(place, name);
    if (Date.now() - changedAt(other) > KEPT_MS) rmSync(other, { recursive: true, force: true });
  }
  return folder;
}

function keyOf(entries: readonly string[], options: BundleOptions): string {
  const hash = createHash("sha256").update(JSON.stringify([entries, options]));
  for (const file of SOURCES.flatMap(filesOf)) hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest("hex").slice(0, 32);
}

/** The files at a path from the root, in an order that is always the same. */
function filesOf(path: string): string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(ROOT.length).replaceAll(sep, "/"))
    .toSorted();
}

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Marks bundles as used. A disk that is read-only keeps them anyway. */
function touch(folder: string): void {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch {
    // Nothing needs it now.
  }
}
