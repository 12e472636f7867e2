import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { followChanges } from "../../local/hot-functions.ts";
import { temporaryFolder } from "../support/folders.ts";

const PATIENCE = { timeout: 60_000 };

/** Follows the changes of a folder whose bundles have the name that is written into a file. */
function follow() {
  const root = temporaryFolder();
  for (const name of ["functions", "lib/channel"]) mkdirSync(join(root, name), { recursive: true });
  const used: string[] = [];
  const failures: unknown[] = [];
  let content = "";
  let bundlings = 0;
  onTestFinished(
    followChanges({
      root,
      bundle: async () => {
        bundlings++;
        if (content === "broken") throw new Error("broken");
        return { folder: content, urlOf: (entry) => entry };
      },
      use: ({ folder }) => used.push(folder),
      fail: (error) => failures.push(error),
    }),
  );
  const save = (file: string, text: string): void => {
    content = text;
    writeFileSync(join(root, file), text);
  };
  return { save, used, failures, bundlings: () => bundlings };
}

test("a change of a source, however deep, is used; what bundles to the same is not", async () => {
  const { save, used, bundlings } = follow();
  save("functions/send.ts", "first");
  await expect.poll(() => used, PATIENCE).toEqual(["first"]);
  const before = bundlings();
  save("functions/send.ts", "first");
  await expect.poll(bundlings, PATIENCE).toBeGreaterThan(before);
  save("lib/channel/head.ts", "second");
  await expect.poll(() => used, PATIENCE).toEqual(["first", "second"]);
});

test("a mistake is told, and the next change is followed all the same", async () => {
  const { save, used, failures } = follow();
  save("functions/send.ts", "broken");
  await expect.poll(() => failures, PATIENCE).toEqual([new Error("broken")]);
  save("functions/send.ts", "mended");
  await expect.poll(() => used, PATIENCE).toEqual(["mended"]);
});
