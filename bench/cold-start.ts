import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildModule, bundle } from "../tests/support/bundles.ts";
import type { Call, Recorder } from "../tests/support/capacity/recorder.ts";
import { type GoTalk, type Invocation, invoke } from "./gotalk.ts";
import { SHORT_MESSAGE } from "./short-message.ts";
import { median } from "./statistics.ts";

const HANDLER_MAIN = fileURLToPath(new URL("cold-start-handler.ts", import.meta.url));
const CALLS_MAIN = fileURLToPath(new URL("cold-start-calls.ts", import.meta.url));

/** A function's first answer in a fresh process, beside the same calls by a fresh process that has only the SDK. */
interface ColdStart {
  /** Milliseconds since the process was started; median. */
  readonly bundle: number;
  readonly calls: number;
  /** The first over the second. */
  readonly ratio: number;
}

export interface ColdStarts {
  readonly send: ColdStart;
  readonly sync: ColdStart;
}

export interface PlannedCall {
  readonly command: string;
  readonly input: Call["input"];
}

/** The two kinds of processes take turns. The environment has to be that of the functions. */
export async function measureColdStarts(gotalk: GoTalk, recorder: Recorder, repetitions: number): Promise<ColdStarts> {
  const alice = await gotalk.newAccount("cold.alice");
  const bob = await gotalk.newAccount("cold.bob");
  const folder = await mkdtemp(join(tmpdir(), "gotalk-bench-"));
  const write = async (name: string, code: Uint8Array): Promise<string> => {
    const path = join(folder, `${name}.mjs`);
    await writeFile(path, code);
    return path;
  };
  try {
    const handlerMain = await write("handler-main", (await buildModule(HANDLER_MAIN)).code);
    const callsMain = await write("calls-main", (await buildModule(CALLS_MAIN)).code);

    async function measure(name: "send" | "sync", request: () => Invocation): Promise<ColdStart> {
      const path = await write(name, (await bundle(name)).code);
      const times: { bundle: number[]; calls: number[] } = { bundle: [], calls: [] };
      for (let repetition = 0; repetition < repetitions; repetition++) {
        // A send puts an item that must not be there, so its calls are another send's, and go to a twin of that item.
        const { calls } = await recorder.record(() => invoke(request()));
        times.bundle.push(await timeProcess(handlerMain, [path, JSON.stringify(request().event)]));
        times.calls.push(await timeProcess(callsMain, [JSON.stringify(planOf(calls))]));
      }
      const ours = median(times.bundle);
      const bare = median(times.calls);
      return { bundle: ours, calls: bare, ratio: ours / bare };
    }
    return {
      send: await measure("send", () => gotalk.sendTo(bob, alice, SHORT_MESSAGE)),
      sync: await measure("sync", () => gotalk.syncOf(alice, alice.receipt)),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Calls that overlapped are made together. */
function planOf(calls: readonly Call[]): PlannedCall[][] {
  const plan: PlannedCall[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const { command, input, startedAt, endedAt } of calls.toSorted(
    (one, other) => one.startedAt - other.startedAt,
  )) {
    if (startedAt >= end) plan.push([]);
    plan.at(-1)?.push({ command, input: asNewItem(input) });
    end = Math.max(end, endedAt);
  }
  return plan;
}

/** The same item under another partition key, where it is not there yet. */
function asNewItem(input: Call["input"]): Call["input"] {
  const item = input["Item"] as { receiverId?: { S: string } } | undefined;
  if (item?.receiverId === undefined) return input;
  return { ...input, Item: { ...item, receiverId: { S: crypto.randomUUID() } } };
}

async function timeProcess(main: string, parameters: readonly string[]): Promise<number> {
  // As deployed, metrics and all; what they print is nobody's.
  const child = fork(main, parameters, {
    env: { ...process.env, POWERTOOLS_DEV: "false" },
    stdio: ["inherit", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const [message] = (await Promise.race([once(child, "message"), exited])) as [{ time: number; ok: boolean } | number];
  await exited;
  if (typeof message !== "object" || !message.ok) throw new Error(`${main} failed`);
  return message.time;
}
