import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { atEnd } from "./at-end.ts";
import { COMPILED } from "./compiled.ts";
import { temporaryFolder } from "./folders.ts";
import { freePort } from "./ports.ts";
import { notePrinted, plant } from "./suite-output.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SERVERLESS = fileURLToPath(new URL("../../node_modules/serverless/bin/serverless.js", import.meta.url));
/** It ends a start that hangs, before the test's own limit does, so that the failure shows what the stack has printed. */
const PATIENCE_MS = 150_000;
const ANSWER_MS = 10_000;
const POLL_MS = 25;

export interface StackOptions {
  /** The data folder; without one, an empty temporary one. */
  readonly data?: string;
  /** The port; without one, a free one. */
  readonly port?: number;
  /** Added to the environment of the stack. */
  readonly env?: NodeJS.ProcessEnv;
  /** Added to the command line. */
  readonly args?: readonly string[];
  /** The clone that it is started in; without one, this one. */
  readonly root?: string;
  /** How long its start may take, in milliseconds; without it, nearly as long as a test may. */
  readonly patience?: number;
}

/** A real `serverless offline` that answers, in a process group of its own. */
export interface Stack extends LaunchedStack {
  readonly url: string;
  readonly data: string;
  readonly port: number;
}

/** A stack in a process group of its own, which may not have come up yet, or never will. */
export interface LaunchedStack {
  readonly pid: number;
  /** The exit code, once it has ended; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** What it has printed so far. */
  output(): string;
  /** Presses Ctrl-C, and waits for the end. Answers with the exit code. */
  stop(): Promise<number | null>;
  /** `kill -9` of the whole group. */
  kill(): Promise<void>;
}

/** Starts a stack, and waits until it answers. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const data = options.data ?? temporaryFolder();
  const port = options.port ?? (await freePort());
  const url = `http://localhost:${port}`;
  const stack = launchStack(data, port, options.env, options.args, options.root);
  if (await answers(url, stack, options.patience ?? PATIENCE_MS)) {
    plant("key", readFileSync(join(data, "token.key"), "utf8").trim());
    return { url, data, port, ...stack };
  }
  await stack.kill();
  throw new Error(`The stack did not start:\n${stack.output()}`);
}

/** Starts a stack, and does not wait for anything. */
export function launchStack(
  data: string,
  port: number | string,
  env: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
  root: string = ROOT,
): LaunchedStack {
  const { AWS_ENDPOINT_URL_DYNAMODB: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [SERVERLESS, "offline", ...args], {
    cwd: root,
    detached: true,
    env: { ...inherited, NODE_COMPILE_CACHE: COMPILED, PORT: String(port), GOTALK_DATA: data, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      notePrinted(chunk);
    });
  }
  const leaveAlone = atEnd(() => signal(child, "SIGKILL"));
  const ended = once(child, "close").then(() => {
    leaveAlone();
    return child.exitCode;
  });
  const end = (name: NodeJS.Signals): Promise<number | null> => {
    signal(child, name);
    return ended;
  };
  return {
    pid: child.pid as number,
    ended,
    output: () => output,
    stop: () => end("SIGINT"),
    kill: async () => {
      await end("SIGKILL");
    },
  };
}

async function answers(url: string, { ended }: LaunchedStack, patience: number): Promise<boolean> {
  const gaveUp = Promise.race([ended, sleep(patience, undefined, { ref: false })]).then(() => true);
  const tries = (): Promise<boolean> =>
    fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).then(drained, () => false);
  while (!(await tries())) {
    if (await Promise.race([gaveUp, sleep(POLL_MS, false)])) return false;
  }
  return true;
}

async function drained(response: Response): Promise<boolean> {
  await response.arrayBuffer();
  return true;
}

/** To the whole group, as a terminal does. */
function signal({ pid, exitCode, signalCode }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    // It ended in this very moment.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
