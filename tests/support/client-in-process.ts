import { join } from "node:path";
import { PassThrough } from "node:stream";
import { onTestFinished, vi } from "vitest";
import { exitCodeOf, explain } from "../../cli/failures.ts";
import { programOf } from "../../cli/program.ts";
import { temporaryFolder } from "./folders.ts";
import type { Ended } from "./terminal-client.ts";

/** How a command ended, without what only a process has. */
type Outcome = Omit<Ended, "signal">;

/** What a command meets besides its arguments. */
interface Surroundings {
  readonly input?: string;
  /** Whether stderr is a terminal, which shows what is told beyond errors. */
  readonly isTerminal?: boolean;
}

/** Somebody's computer, whose `gotalk` runs in the process of the test: much sooner, and where mutants can be found. */
export interface InProcess {
  /** Where the state is. */
  readonly folder: string;
  run(args: readonly string[], surroundings?: Surroundings): Promise<Outcome>;
}

/**
 * Makes a computer for the time of a test. One command runs at a time.
 *
 * @param url The server that all commands go to, unless they name another one.
 */
export function computerHere(url: string): InProcess {
  const home = temporaryFolder();
  const stdin = ownStdin();
  let stdout = "";
  let stderr = "";
  vi.stubEnv("XDG_CONFIG_HOME", home);
  vi.stubEnv("GOTALK_URL", url);
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(taking((text) => (stdout += text))),
    vi.spyOn(process.stderr, "write").mockImplementation(taking((text) => (stderr += text))),
  ];
  const isTTY = Object.getOwnPropertyDescriptor(process.stderr, "isTTY");
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
    Object.defineProperty(process.stderr, "isTTY", isTTY ?? { value: undefined, configurable: true });
    vi.unstubAllEnvs();
  });

  const run: InProcess["run"] = async (args, { input = "", isTerminal = false } = {}) => {
    [stdout, stderr] = ["", ""];
    Object.defineProperty(process.stderr, "isTTY", { value: isTerminal, configurable: true });
    if (input !== "") stdin.write(`${input}\n`);
    try {
      await programOf().parseAsync(args, { from: "user" });
      return { code: 0, stdout, stderr };
    } catch (error) {
      const told = explain(error);
      return { code: exitCodeOf(error), stdout, stderr: `${stderr}${told === undefined ? "" : `gotalk: ${told}\n`}` };
    }
  };
  return { folder: join(home, "gotalk"), run };
}

/** `write` of a stream whose text goes elsewhere. */
const taking =
  (take: (text: string) => void): typeof process.stdout.write =>
  (text: unknown, ...rest: unknown[]) => {
    take(String(text));
    const done = rest.at(-1);
    if (typeof done === "function") done();
    return true;
  };

/** The stdin of all commands in this process: the client reads on in the one that it has begun with. */
function ownStdin(): PassThrough {
  const { stdin } = process as { stdin: unknown };
  if (stdin instanceof PassThrough) return stdin;
  const own = new PassThrough();
  Object.defineProperty(process, "stdin", { value: own, configurable: true });
  return own;
}
