import { type FSWatcher, mkdirSync, renameSync, rmSync, unlinkSync, type WatchListener, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { followChanges } from "../../local/hot-functions.ts";
import { temporaryFolder } from "../support/folders.ts";

const PATIENCE = { timeout: 60_000 };

/** The watchers that listen, which a test can have fail, and how many there have been. */
const { open, made } = vi.hoisted(() => ({ open: new Set<FSWatcher>(), made: { count: 0 } }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const watch = (folder: string, listener: WatchListener<string>): FSWatcher => {
    const watcher = fs.watch(folder, listener);
    open.add(watcher);
    made.count++;
    return watcher.on("close", () => open.delete(watcher));
  };
  return { ...fs, watch };
});

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Follows the changes of a folder whose bundles have the name that is written into a file. */
function follow() {
  const root = temporaryFolder();
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  for (const file of ["functions/send.ts", "lib/channel/head.ts"]) write(file, "before");
  const used: string[] = [];
  const failures: unknown[] = [];
  let content = "";
  let bundlings = 0;
  const end = followChanges({
    root,
    bundle: async () => {
      bundlings++;
      if (content === "broken") throw new Error("broken");
      return { folder: content, urlOf: (entry) => entry };
    },
    use: ({ folder }) => used.push(folder),
    fail: (error) => failures.push(error),
  });
  onTestFinished(async () => {
    end();
    // Watchers tell of their end at the next turn only.
    await turnOfTheLoop();
  });
  const save = (file: string, text: string): void => {
    content = text;
    write(file, text);
  };
  return { root, save, used, failures, bundlings: () => bundlings };
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

type Following = ReturnType<typeof follow>;

test.each<[string, (following: Following, text: string) => void]>([
  [
    "replaced by another one, as safe-writing editors do",
    ({ root, save }, text) => {
      save("saved", text);
      renameSync(join(root, "saved"), join(root, "lib/channel/head.ts"));
    },
  ],
  [
    "deleted and made again, as git does",
    ({ root, save }, text) => {
      unlinkSync(join(root, "lib/channel/head.ts"));
      save("lib/channel/head.ts", text);
    },
  ],
  [
    "made again with its folder",
    ({ root, save }, text) => {
      rmSync(join(root, "lib/channel"), { recursive: true });
      save("lib/channel/head.ts", text);
    },
  ],
  [
    "made again with all folders above it",
    ({ root, save }, text) => {
      rmSync(join(root, "lib"), { recursive: true });
      save("lib/channel/head.ts", text);
    },
  ],
  [
    "put in its place with its folder",
    ({ root, save }, text) => {
      save("branch/head.ts", text);
      rmSync(join(root, "lib/channel"), { recursive: true });
      renameSync(join(root, "branch"), join(root, "lib/channel"));
    },
  ],
])("a file that is %s is followed, and goes on being followed", async (_, replace) => {
  const following = follow();
  const used: string[] = [];
  for (const round of [1, 2, 3]) {
    replace(following, `replaced ${round}`);
    used.push(`replaced ${round}`);
    await expect.poll(() => following.used, PATIENCE).toEqual(used);
    following.save("lib/channel/head.ts", `edited ${round}`);
    used.push(`edited ${round}`);
    await expect.poll(() => following.used, PATIENCE).toEqual(used);
  }
});

test("a new folder is followed", async () => {
  const { save, used } = follow();
  save("lib/new/deep/file.ts", "first");
  await expect.poll(() => used, PATIENCE).toEqual(["first"]);
  save("lib/new/deep/file.ts", "second");
  await expect.poll(() => used, PATIENCE).toEqual(["first", "second"]);
});

test("sources that are missing for a while are told of once, and followed when they are back", async () => {
  const { root, save, used, failures } = follow();
  rmSync(join(root, "lib"), { recursive: true });
  await expect.poll(() => failures, PATIENCE).toHaveLength(1);
  expect(String(failures[0])).toContain("Changes cannot be followed until this is mended: ENOENT");
  const before = made.count;
  // Each try watches one folder that is there, and no more.
  await expect.poll(() => made.count, PATIENCE).toBeGreaterThan(before + 1);
  save("lib/channel/head.ts", "back");
  await expect.poll(() => used, PATIENCE).toEqual(["back"]);
  save("lib/channel/head.ts", "edited");
  await expect.poll(() => used, PATIENCE).toEqual(["back", "edited"]);
  expect(failures).toHaveLength(1);
});

test("a watcher that fails is told of, and another one takes its place", async () => {
  const { save, used, failures } = follow();
  const failing = [...open];
  for (const watcher of failing) {
    watcher.close();
    watcher.emit("error", new Error("watched in vain"));
  }
  expect(failures).toEqual(failing.map(() => new Error("watched in vain")));
  await expect.poll(() => used, PATIENCE).toEqual([""]);
  save("lib/channel/head.ts", "heard");
  await expect.poll(() => used, PATIENCE).toEqual(["", "heard"]);
});

test("nothing is watched any more once it has ended, also if a change was noticed before", async () => {
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const root = temporaryFolder();
  for (const name of ["functions", "lib"]) mkdirSync(join(root, name));
  const bundlings: (() => void)[] = [];
  const end = followChanges({
    root,
    bundle: () =>
      new Promise((resolve) => {
        bundlings.push(() => resolve({ folder: "", urlOf: (entry) => entry }));
      }),
    use: () => {},
    fail: () => {},
  });
  for (const text of ["being bundled", "waiting for its turn"]) {
    writeFileSync(join(root, "lib/file.ts"), text);
    while (vi.getTimerCount() === 0) await turnOfTheLoop();
    vi.runAllTimers();
    await turnOfTheLoop();
  }
  expect(bundlings).toHaveLength(1);
  end();
  bundlings[0]?.();
  await turnOfTheLoop();
  expect(open.size).toBe(0);
});

test("a mistake is told, and the next change is followed all the same", async () => {
  const { save, used, failures } = follow();
  save("functions/send.ts", "broken");
  await expect.poll(() => failures, PATIENCE).toEqual([new Error("broken")]);
  save("functions/send.ts", "mended");
  await expect.poll(() => used, PATIENCE).toEqual(["mended"]);
});
