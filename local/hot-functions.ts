import { type FSWatcher, readdirSync, watch } from "node:fs";
import { join } from "node:path";
import type { Bundles } from "./function-bundles.ts";

const SOURCES = ["functions", "lib"];

/** An editor that saves all files changes several of them, and each of them more than once. */
const SETTLED_MS = 100;

interface Bundling {
  readonly root: string;
  /** Bundles what is in the files now. */
  bundle(): Promise<Bundles>;
  /** Is told of bundles that differ from the last ones. */
  use(bundles: Bundles): void;
  /** Is told why there are none: the functions go on as they were. */
  fail(error: unknown): void;
}

/**
 * Bundles the functions again after each change of their sources.
 *
 * The folders are watched, and not the files: a watched file that an editor or git replaces is not heard any more. A folder
 * can be replaced as well, and new ones come. So after each change, and before the files are read, all folders are watched
 * anew. Where that fails, because git is moving them at this moment or the system allows no more watchers, it is tried
 * again until it works.
 *
 * @returns a function that ends it
 */
export function followChanges({ root, bundle, use, fail }: Bundling): () => void {
  let last: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  let watchers: FSWatcher[] = [];
  let isDeaf = false;
  let hasEnded = false;

  const schedule = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      turn = turn.then(again);
    }, SETTLED_MS);
  };
  const again = async (): Promise<void> => {
    if (hasEnded || !listen()) return;
    try {
      const bundles = await bundle();
      if (bundles.folder !== last) use(bundles);
      last = bundles.folder;
    } catch (error) {
      fail(error);
    }
  };
  const listen = (): boolean => {
    close();
    try {
      for (const name of SOURCES) listenIn(join(root, name));
      isDeaf = false;
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      if (!isDeaf) fail(new Error(`Changes cannot be followed until this is mended: ${why}`, { cause: error }));
      isDeaf = true;
      schedule();
    }
    return !isDeaf;
  };
  /** Lists a folder after the watching has begun: what is made between the two is heard of. */
  const listenIn = (folder: string): void => {
    const watcher = watch(folder, schedule).on("error", (error) => {
      fail(error);
      schedule();
    });
    watchers.push(watcher);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) listenIn(join(folder, entry.name));
    }
  };
  const close = (): void => {
    for (const watcher of watchers) watcher.close();
    watchers = [];
  };

  listen();
  return () => {
    hasEnded = true;
    clearTimeout(timer);
    close();
  };
}
