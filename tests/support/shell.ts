import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** Runs code in a POSIX shell, in a folder and with nothing but this environment, until it ends. */
export async function runIn(cwd: string, env: NodeJS.ProcessEnv, code: string) {
  const child = spawn("sh", ["-c", code], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const [[exitCode, signal], stdout, stderr] = await Promise.all([
    once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code: exitCode, signal, stdout, stderr };
}

/** A word as a POSIX shell takes it for one, whatever is in it: a path may have spaces and quotes. */
export const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
