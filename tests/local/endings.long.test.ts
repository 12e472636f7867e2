import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { WAIT } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folders.ts";
import { newcomer, takeAndSettle } from "../support/people.ts";
import { freePort } from "../support/ports.ts";
import { launchStack, type Stack } from "../support/stack.ts";
import { preloading } from "../support/terminal-client.ts";
import { start } from "./stacks.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What a stack is made of. */
const PARTS = ["deploy", "functions", "lib", "local", "stack", "static"];
const FILES = ["package.json", "package-lock.json", "serverless.yml", "tsconfig.json"];

const TRAFFIC = 30;
/** Of the time from the command until the stack is up. */
const MOMENTS = [0.1, 0.3, 0.5, 0.7, 0.9];
const POLL_MS = 5;
/** How long a dozen starts may take, one after the other. */
const STARTS_MS = 1_200_000;

/** Lets the end of a stack's process take so long that esbuild's, which asks each second whether it lives, asks in vain. */
const SLOW_END = `import { isMainThread } from "node:worker_threads";
if (isMainThread) process.on("exit", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000));`;

/** A stop waits longer for what is in flight: a busy machine answers nothing within its 2 seconds. */
const PATIENT = preloading(`
  const wait = globalThis.setTimeout;
  globalThis.setTimeout = Object.assign((work, ms, ...more) => wait(work, ms === 2_000 ? 60_000 : ms, ...more), wait);
`);

/** A clone with the packages of this one, and a cache of its own, which is empty. */
function clone(): { root: string; cache: string } {
  const root = temporaryFolder();
  for (const name of [...PARTS, ...FILES]) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  const packages = join(root, "node_modules");
  mkdirSync(packages);
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (name !== ".cache") symlinkSync(join(ROOT, "node_modules", name), join(packages, name));
  }
  return { root, cache: join(packages, ".cache") };
}

/** The command lines of the processes in a process group that live. */
const processesOf = (group: number): string[] =>
  execFileSync("ps", ["-A", "-o", "pgid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([pgid, state]) => pgid === String(group) && !state?.startsWith("Z"))
    .map(([, , ...args]) => args.join(" "));

/**
 * Begins a start, and kills it at a moment, or once it is up.
 *
 * @param isMoment Is asked with the milliseconds since the command.
 * @returns Those milliseconds where it was up; undefined where it was killed before.
 */
async function killAt(
  { root, data }: { readonly root: string; readonly data: string },
  isMoment: (elapsed: number) => boolean,
): Promise<number | undefined> {
  const stack = launchStack(data, await freePort(), {}, [], root);
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  const isUp = (): boolean => stack.output().includes("goTalk listens on");
  let hasEnded = false;
  void stack.ended.then(() => {
    hasEnded = true;
  });
  while (!isMoment(elapsed()) && !isUp() && !hasEnded) await sleep(POLL_MS);
  if (hasEnded) throw new Error(`The start has failed:\n${stack.output()}`);
  const duration = elapsed();
  await stack.kill();
  return isUp() ? duration : undefined;
}

test.each<[string, (stack: Stack) => void]>([
  ["Ctrl-C at a terminal", ({ pid }) => process.kill(-pid, "SIGINT")],
  ["a signal to its process alone", ({ pid }) => process.kill(pid, "SIGTERM")],
])(
  "a stack that has bundled and run its functions, and is stopped by %s, prints nothing more and leaves no process",
  async (_, stop) => {
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SLOW_END)}` };
    const stack = await start({ root: clone().root, env });
    const processes = processesOf(stack.pid);
    expect(processes).toContainEqual(expect.stringContaining("serverless"));
    // The bundler's process has ended with its work: it holds more memory than the stack.
    expect(processes).not.toContainEqual(expect.stringMatching(/\besbuild\b/));
    const { id, client } = await newcomer(stack.url);
    await client.send({ to: id, content: "starts the thread of send" });
    const before = stack.output();
    stop(stack);
    expect(await stack.ended).toBe(0);
    expect(stack.output()).toBe(before);
    expect(processesOf(stack.pid)).toEqual([]);
  },
);

test.each([
  { kind: "a start", bundles: false },
  { kind: "a start that has to bundle the functions", bundles: true },
])(
  "a kill -9 at any moment of $kind leaves nothing that hinders the next",
  { timeout: STARTS_MS },
  async ({ bundles }) => {
    const { root, cache } = clone();
    const place = { root, data: temporaryFolder() };
    const bundlesThere = (): string[] => readdirSync(join(cache, "gotalk/functions"));
    const isHalf = (name: string): boolean => name.startsWith(".");
    const halves = (): number => bundlesThere().filter(isHalf).length;
    const kill = (isMoment: (elapsed: number) => boolean): Promise<number | undefined> => {
      // What was bundled as a whole goes; what a kill has left half-done stays.
      if (bundles) {
        for (const name of bundlesThere().filter((each) => !isHalf(each))) {
          rmSync(join(cache, "gotalk/functions", name), { recursive: true });
        }
      }
      return killAt(place, isMoment);
    };

    await (await start({ root })).stop();
    let duration = await kill(() => false);
    for (const moment of MOMENTS) {
      // One that was up sooner than the one before tells how long a start takes now, and is not the one that was meant.
      for (let done = duration; done !== undefined; ) {
        duration = done;
        const instant = moment * done;
        done = await kill((elapsed) => elapsed >= instant);
      }
    }
    if (bundles) {
      const before = halves();
      for (let tries = 0; halves() === before && tries < 10; tries++) await kill(() => halves() > before);
      expect(halves(), "starts that were killed while they bundled").toBe(before + 1);
    }
    const { url } = await start(place);
    await newcomer(url);
  },
);

test("a stop in the middle of traffic answers what it has begun", async () => {
  const first = await start({ env: PATIENT });
  const person = await newcomer(first.url);
  const client = person.at(first.url, { giveUpAfter: 0 });
  const answered: string[] = [];
  const sendUntilRefused = async (name: string): Promise<void> => {
    for (let count = 0; ; count++) {
      const content = `${name} ${count}`;
      const sent = await client.send({ to: person.id, content }).catch(() => undefined);
      if (sent === undefined) return;
      answered.push(content);
    }
  };
  const sending = Promise.all(["a", "b", "c"].map(sendUntilRefused));
  await vi.waitUntil(() => answered.length > TRAFFIC, WAIT);
  const exitCode = await first.stop();
  expect(exitCode, first.output()).toBe(0);
  await sending;

  const second = await start({ data: first.data });
  const { messages, rest } = await takeAndSettle(person.at(second.url), answered.length);
  expect(messages.map(({ content }) => content).toSorted()).toEqual(answered.toSorted());
  // Nothing was stored without an answer.
  expect(rest.messages).toEqual([]);
});
