import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { atEnd } from "../support/at-end.ts";
import { type Orders, SIGNS } from "./receiver.ts";

const RECEIVER = fileURLToPath(new URL("receiver-main.ts", import.meta.url));

/** A receiver in a process of its own, which is started again when it has killed itself. */
export class ReceiverProcess {
  /** Deliveries that it has processed. */
  taken = 0;
  /** Deaths that it was ordered. */
  deaths = 0;
  /** When it processed something last, or was started, by `performance.now()`. */
  lastSign = performance.now();
  /** Rejects when a process ends that should not. */
  readonly failed: Promise<never>;
  readonly #orders: Orders;
  #fail: (error: Error) => void = () => {};
  #child: ChildProcess | undefined;
  #isStopped = false;

  constructor(orders: Orders) {
    this.#orders = orders;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // It is looked at in a race, which may be over by then.
    this.failed.catch(() => undefined);
  }

  /** Starts it, and resolves when messages wait for it. */
  start(): Promise<void> {
    this.#isStopped = false;
    this.lastSign = performance.now();
    return new Promise((ready) => this.#spawn(ready));
  }

  /** `kill -9`. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const child = this.#child;
    if (child === undefined) return;
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  }

  #spawn(ready: () => void): void {
    const child = spawn(process.execPath, [RECEIVER, JSON.stringify(this.#orders)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    const leaveAlone = atEnd(() => child.kill("SIGKILL"));
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      complaints = (complaints + chunk).slice(-4_000);
    });
    child.stdout.setEncoding("utf8").on("data", (signs: string) => {
      for (const sign of signs) {
        if (sign === SIGNS.ready) ready();
        else this.taken++;
      }
      this.lastSign = performance.now();
    });
    child.on("close", () => {
      leaveAlone();
      this.#child = undefined;
      if (this.#isStopped) return;
      if (child.signalCode !== "SIGKILL") return this.#fail(new Error(`a receiver ended:\n${complaints}`));
      this.deaths++;
      this.#spawn(ready);
    });
  }
}
