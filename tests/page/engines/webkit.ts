import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { atEnd } from "../../support/at-end.ts";
import { freePort } from "../../support/ports.ts";
import type { Browser, Engine } from "./engine.ts";
import { program } from "./programs.ts";
import { beginSession } from "./webdriver.ts";

const programs = {
  driver: program("WebKitWebDriver"),
  browser: program("/usr/lib/*/webkit2gtk-4.1/MiniBrowser", "/usr/lib/*/webkit2gtk-4.0/MiniBrowser"),
  screen: program("Xvfb"),
};

/** Of a window: high enough for the whole menu. WebKitWebDriver may refuse to click in one that has been scrolled. */
const [WIDTH, HEIGHT] = [1_280, 900];

const PATIENCE_MS = 30_000;
const POLL_MS = 50;

/** WebKit as GTK has it, on a screen that nobody sees. A driver has one window, so each window gets a driver. */
export const webkit: Engine = {
  name: "WebKit",
  missing: Object.values(programs).includes(undefined) ? "webkit2gtk-driver and xvfb" : undefined,
  async start(): Promise<Browser> {
    const screen = await startScreen();
    const ends: (() => Promise<unknown>)[] = [];
    return {
      async newWindow() {
        const port = await freePort();
        const driver = start(programs.driver, ["--host=127.0.0.1", `--port=${port}`], screen.display);
        const url = `http://127.0.0.1:${port}`;
        await answers(url);
        const binary = programs.browser;
        const session = await beginSession(url, {
          "webkitgtk:browserOptions": { binary, args: ["--automation"] },
        });
        ends.push(() => session.end().finally(driver.end));
        await session.window.resize(WIDTH, HEIGHT);
        return session.window;
      },
      async stop() {
        await Promise.all(ends.map((end) => end()));
        await screen.end();
      },
    };
  },
};

interface Running {
  readonly process: ChildProcess;
  end(): Promise<void>;
}

function start(file = "", args: readonly string[], display?: string): Running {
  const { WAYLAND_DISPLAY: _, ...inherited } = process.env;
  const child = spawn(file, args, {
    env: { ...inherited, GDK_BACKEND: "x11", ...(display !== undefined && { DISPLAY: display }) },
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const leaveAlone = atEnd(() => child.kill("SIGKILL"));
  const ended = once(child, "exit").then(leaveAlone);
  return {
    process: child,
    async end() {
      child.kill();
      await ended;
    },
  };
}

/** It chooses a number that is free, and writes it: two that start at once do not choose the same. */
async function startScreen(): Promise<{ display: string; end(): Promise<void> }> {
  const args = ["-displayfd", "3", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"];
  const running = start(programs.screen, args);
  const [number] = await once(running.process.stdio[3] as Readable, "data", {
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return { display: `:${String(number).trim()}`, end: running.end };
}

async function answers(url: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  const tries = (): Promise<boolean> =>
    fetch(`${url}/status`, { signal: AbortSignal.timeout(PATIENCE_MS) }).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await tries())) {
    if (Date.now() > end) throw new Error("WebKitWebDriver did not start.");
    await sleep(POLL_MS);
  }
}
