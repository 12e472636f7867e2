import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { atEnd } from "./at-end.ts";

const POLL_MS = 20;

/** The program of dynoxide; undefined where it is not installed. */
export function findDynoxide(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("@dynoxide/linux-x64/package.json")), "dynoxide");
  } catch {
    return undefined;
  }
}

/** An engine that answers. */
export interface RunningEngine {
  readonly endpoint: string;
  /** `kill -9`, if it is a process of its own. */
  stop(): Promise<void>;
}

/**
 * Starts dynoxide without any table, and waits until it answers.
 *
 * @param path its file; without one everything is kept in memory
 */
export async function launchDynoxide(port: number, path?: string): Promise<RunningEngine> {
  const binary = findDynoxide();
  if (binary === undefined) throw new Error("dynoxide is not installed here");
  const endpoint = `http://127.0.0.1:${port}`;
  const file = path === undefined ? [] : ["--db-path", path];
  const child = spawn(binary, ["serve", "--port", String(port), ...file], { stdio: "ignore" });
  const leaveAlone = atEnd(() => child.kill("SIGKILL"));
  // However long it takes: a start that hangs is ended with its test.
  while ((await fetch(endpoint).catch(() => undefined)) === undefined) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error("dynoxide did not start");
    await sleep(POLL_MS);
  }
  return {
    endpoint,
    stop: async () => {
      leaveAlone();
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}
