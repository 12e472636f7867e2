import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { atEnd } from "../support/at-end.ts";

const START_MS = 60_000;
const POLL_MS = 20;

/** Debian puts servers where the path of an ordinary user does not lead. */
const FOLDERS = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The file of a program; undefined where it is not installed. */
export function programOf(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What a program says of its version, by a pattern with one group; undefined where it is not installed. */
export function versionOf(
  name: string,
  args: readonly string[],
  pattern: RegExp,
  env: NodeJS.ProcessEnv = {},
): string | undefined {
  const program = programOf(name);
  if (program === undefined) return undefined;
  const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, ...env } });
  return pattern.exec(stdout + stderr)?.[1];
}

/** How a server is started, each time on the same data. */
export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** It is up when something accepts connections here, on the loopback address. */
  readonly port: number;
}

/** A server in a process group of its own. */
export class Server {
  readonly #launch: Launch;
  #child: ChildProcess | undefined;
  #leaveAlone = (): void => {};

  constructor(launch: Launch) {
    this.#launch = launch;
  }

  /** @throws {Error} when it does not come up, with what it printed */
  async start(): Promise<void> {
    const { program, args, env, port } = this.#launch;
    const child = spawn(program, args, {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#leaveAlone = atEnd(() => killGroup(child));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        output = (output + chunk).slice(-4_000);
      });
    }
    const deadline = Date.now() + START_MS;
    while (!(await accepts(port))) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`${program} did not start:\n${output}`);
      await sleep(POLL_MS);
    }
  }

  /** `kill -9` of the whole group. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    this.#leaveAlone();
    const closed = child.exitCode === null && child.signalCode === null ? once(child, "close") : undefined;
    killGroup(child);
    await closed;
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It ended by itself.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", end(true));
    socket.on("error", end(false));
  });
}
