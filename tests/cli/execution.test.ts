import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { Chain } from "../../cli/chain.ts";
import { Execution } from "../../cli/execution.ts";
import { WAIT } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folders.ts";
import { ME, text } from "../support/messages.ts";
import { quoted } from "../support/shell.ts";

/** Whether a process is there. One that has ended is, until its parent has heard of it. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it("an attempt does not count whose command ended a moment before the signal to end came", async () => {
  const folder = temporaryFolder();
  vi.stubEnv("XDG_CONFIG_HOME", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const [chain, life, file] = [new Chain(ME), new AbortController(), join(folder, "pid")];
  const execution = new Execution({
    command: `echo $$ > ${quoted(file)}; exit 1`,
    ...{ isJson: false, waits: false, maxAttempts: 1, deadLetters: undefined },
    ...{ chain, signal: life.signal },
  });
  const message = text("1", "alice");
  const isProcessed = execution.handle(message);
  const hasEnded = () => existsSync(file) && !isThere(Number(readFileSync(file, "utf8")));
  await vi.waitFor(() => expect(hasEnded()).toBe(true), { ...WAIT, interval: 1 });
  life.abort();
  expect(await isProcessed).toBe(false);
  expect(chain.attemptsAt(message)).toBe(0);
});
