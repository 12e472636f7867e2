import { watch } from "node:fs";
import { join } from "node:path";
import type { Bundles } from "./function-bundles.ts";

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
 * @returns a function that ends it
 */
export function followChanges({ root, bundle, use, fail }: Bundling): () => void {
  let last: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  const again = async (): Promise<void> => {
    try {
      const bundles = await bundle();
      if (bundles.folder !== last) use(bundles);
      last = bundles.folder;
    } catch (error) {
      fail(error);
    }
  };
  const note = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      turn = turn.then(again);
    }, SETTLED_MS);
  };
  const watchers = ["functions", "lib"].map((name) => watch(join(root, name), { recursive: true }, note));
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
