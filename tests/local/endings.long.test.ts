import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { temporaryFolder } from "../support/folders.ts";
import { newcomer, takeAndSettle } from "../support/people.ts";
import { freePort } from "../support/ports.ts";
import { launchStack, type Stack } from "../support/stack.ts";
import { start } from "./stacks.ts";

const TRAFFIC = 30;
/** From before the first file is made to about when the stack answers, on a machine with nothing else to do. */
const MOMENTS_MS = [400, 1000, 1400, 1800];

/** Lets the end of a stack's process take so long that esbuild's, which asks each second whether it lives, asks in vain. */
const SLOW_END = `import { isMainThread } from "node:worker_threads";
if (isMainThread) process.on("exit", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000));`;

test.each<[string, (stack: Stack) => void]>([
  ["Ctrl-C at a terminal", ({ pid }) => process.kill(-pid, "SIGINT")],
  ["a signal to its process alone", ({ pid }) => process.kill(pid, "SIGTERM")],
])("a stack that is stopped by %s prints nothing more", async (_, stop) => {
  const stack = await start({ env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SLOW_END)}` } });
  const before = stack.output();
  stop(stack);
  expect(await stack.ended).toBe(0);
  expect(stack.output()).toBe(before);
});

test("a kill -9 at any moment of a start leaves nothing that hinders the next", async () => {
  const data = temporaryFolder();
  for (const moment of MOMENTS_MS) {
    const stack = launchStack(data, await freePort());
    await sleep(moment);
    await stack.kill();
  }
  const { url } = await start({ data });
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
