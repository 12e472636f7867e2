import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import xterm from "@xterm/headless";
import { Client, type Session } from "../../lib/client/index.ts";
import { temporaryFolder } from "./folders.ts";
import { newUsername, PASSWORD } from "./logins.ts";
import { seedUser, terminalClient } from "./shared/index.ts";
import { quoted } from "./shell.ts";

const { Terminal } = xterm;

const MAIN = await terminalClient();

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
}

/** What makes a container as far as process numbers go. It ends when `unshare` is killed, which takes no other signal. */
const CONTAINER = ["--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** Whether this machine lets its users make containers. */
export const hasContainers = (): boolean => spawnSync("unshare", [...CONTAINER, "true"]).status === 0;

/** A terminal, and what runs on it. */
interface TerminalOptions {
  readonly columns?: number;
  readonly isResumed?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/** Somebody's computer: `gotalk`, run in a folder of its own, which holds its state as well. */
export class Computer {
  readonly home = temporaryFolder();
  readonly env: NodeJS.ProcessEnv;

  constructor(url: string) {
    const { NO_COLOR: _, ...inherited } = process.env;
    this.env = { ...inherited, XDG_CONFIG_HOME: this.home, GOTALK_URL: url };
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: this.home, env: { ...this.env, ...env } });
    return watch(child);
  }

  /** The same in a container that shares the folder and the host name. Only where {@link hasContainers}. */
  startInContainer(args: readonly string[]): Running {
    return watch(spawn("unshare", [...CONTAINER, process.execPath, MAIN, ...args], { cwd: this.home, env: this.env }));
  }

  /** Runs it until it ends. */
  async run(args: readonly string[], input: string | Buffer = "", env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const { child, ended } = this.start(args, env);
    child.stdin?.end(input);
    return ended;
  }

  /** A line of a shell that knows `gotalk`. */
  inShell(line: string): Promise<Ended> {
    const script = `gotalk() { ${quoted(process.execPath)} ${quoted(MAIN)} "$@"; }; ${line}`;
    const { child, ended } = watch(spawn("sh", ["-c", script], { cwd: this.home, env: this.env }));
    child.stdin?.end();
    return ended;
  }

  /**
   * The same on a terminal, which `script` of util-linux makes, by the shell of all. What is typed comes from stdin.
   *
   * @param isResumed A shell runs it, and brings it back once after Ctrl-Z.
   */
  onTerminal(args: readonly string[], { columns = 0, isResumed = false, env = {} }: TerminalOptions = {}): Running {
    const size = columns === 0 ? "" : `stty cols ${columns}; `;
    const line = [process.execPath, MAIN, ...args].map(quoted).join(" ");
    const command = `${size}${isResumed ? `set -m; ${line}; fg` : `exec ${line}`}`;
    const options = ["--quiet", "--return", "--command", command, "/dev/null"];
    return watch(spawn("script", options, { cwd: this.home, env: { ...this.env, SHELL: "/bin/sh", ...env } }));
  }

  /** Somebody new at the shared stack, who is logged in here. The client is another one, with a session of its own. */
  async newcomer(): Promise<{ username: string; client: Client; id: string }> {
    const url = String(this.env["GOTALK_URL"]);
    const client = new Client({ url, live: false });
    const credentials = { username: newUsername(), password: PASSWORD };
    const id = await seedUser(credentials);
    this.logIn({ url, session: await client.login(credentials) });
    await client.login(credentials);
    return { username: credentials.username, client, id };
  }

  /** Saves a login, as `gotalk login` does. */
  logIn(login: { readonly url: string; readonly session: Session | undefined }): void {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, "session.json"), JSON.stringify(login));
  }

  /** Where the state is. */
  get folder(): string {
    return join(this.home, "gotalk");
  }
}

/** An environment in which a process runs this code, an ECMAScript module, before its own. */
export const preloading = (code: string): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
});

/** An environment in which a process takes the time for another one: so many seconds later. */
export const clockOffBy = (seconds: number): NodeJS.ProcessEnv =>
  preloading(`const now = Date.now; Date.now = () => now() + ${1_000 * seconds};`);

/**
 * An environment in which a process's clock goes 20 times as fast, and its timers do not. What it repeats for 10 s by the
 * clock, it repeats for half a second; no request has less time to be answered.
 */
export const FAST_CLOCK: NodeJS.ProcessEnv = preloading(
  "const now = Date.now, start = now(); Date.now = () => start + 20 * (now() - start);",
);

/** What a terminal shows after this output. */
export async function screenOf(output: string, columns: number): Promise<string[]> {
  const terminal = new Terminal({ cols: columns, rows: 50, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  const { active } = terminal.buffer;
  return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? "").filter(
    Boolean,
  );
}

/** A part of a shell's command that waits for a file: the command goes on when the test says so, and not by the clock. */
export const untilThere = (file: string): string => `until [ -e ${file} ]; do sleep 0.02; done`;

function watch(child: ChildProcess): Running {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  // A process that ended does not read what is written to it.
  child.stdin?.on("error", () => undefined);
  const ended = once(child, "close").then(([code, signal]): Ended => ({ code, signal, stdout, stderr }));
  return { child, ended, stdout: () => stdout, stderr: () => stderr };
}
