import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { temporaryFolder } from "../support/folders.ts";
import { newcomer, takeAndSettle } from "../support/people.ts";
import { freePort } from "../support/ports.ts";
import { launchStack, type Stack } from "../support/stack.ts";
import { start } from "./stacks.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What a stack is made of. */
const PARTS = ["deploy", "functions", "lib", "local", "stack", "static"];
const FILES = ["package.json", "package-lock.json", "serverless.yml", "tsconfig.json"];

const TRAFFIC = 30;
/** Of the time from the command to the first answer. */
const MOMENTS = [0.1, 0.3, 0.5, 0.7, 0.9, 1];

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

test.each<[string, (stack: Stack) => void]>([
  ["Ctrl-C at a terminal", ({ pid }) => process.kill(-pid, "SIGINT")],
  ["a signal to its process alone", ({ pid }) => process.kill(pid, "SIGTERM")],
])("a stack whose functions have run, and that is stopped by %s, prints nothing more", async (_, stop) => {
  const stack = await start();
  const { id, client } = await newcomer(stack.url);
  await client.send({ to: id, content: "starts the thread of send" });
  const before = stack.output();
  stop(stack);
  expect(await stack.ended).toBe(0);
  expect(stack.output()).toBe(before);
});

test.each([
  { kind: "a start", bundles: false },
  { kind: "a start that has to bundle the functions", bundles: true },
])("a kill -9 at any moment of $kind leaves nothing that hinders the next", async ({ bundles }) => {
  const { root, cache } = clone();
  if (!bundles) await (await start({ root })).stop();
  const startedAt = performance.now();
  const measured = await start({ root });
  const duration = performance.now() - startedAt;
  await measured.stop();
  if (bundles) rmSync(cache, { recursive: true });

  const data = temporaryFolder();
  let interrupted = 0;
  for (const moment of MOMENTS) {
    const stack = launchStack(data, await freePort(), {}, [], root);
    await sleep(moment * duration);
    await stack.kill();
    if (!stack.output().includes("goTalk listens on")) interrupted++;
  }
  expect(interrupted, "starts that were killed before they were done").toBeGreaterThan(0);
  const { url } = await start({ root, data });
  await newcomer(url);
});

test("a stop in the middle of traffic answers what it has begun", async () => {
  const first = await start();
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
  await vi.waitUntil(() => answered.length > TRAFFIC, { timeout: 30_000 });
  const exitCode = await first.stop();
  expect(exitCode, first.output()).toBe(0);
  await sending;

  const second = await start({ data: first.data });
  const { messages, rest } = await takeAndSettle(person.at(second.url), answered.length);
  expect(messages.map(({ content }) => content).toSorted()).toEqual(answered.toSorted());
  // Nothing was stored without an answer.
  expect(rest.messages).toEqual([]);
});
