import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import type { Visitor } from "./visitor.ts";

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Time on the clock, in microseconds. */
  readonly dur?: number;
  /** Processor time of the thread, in microseconds. A few events lack it. */
  readonly tdur?: number;
}

/** What a page's tasks and marks are in a trace. */
const CATEGORIES = ["disabled-by-default-devtools.timeline", "toplevel", "blink.user_timing"];

const PAUSE_MS = 100;

/** Begins a trace, once no other one is on: a browser records one at a time, and the test files share theirs. */
async function startTracing(browser: Browser): Promise<void> {
  for (;;) {
    try {
      return await browser.startTracing(undefined, { categories: CATEGORIES });
    } catch (error) {
      if (!String(error).includes("already recording")) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

async function traceOf(browser: Browser, work: () => Promise<void>): Promise<readonly TraceEvent[]> {
  await startTracing(browser);
  let buffer: Buffer;
  try {
    await work();
  } finally {
    // Also when the work has failed: a trace that stays on would keep all others waiting.
    buffer = await browser.stopTracing();
  }
  return (JSON.parse(buffer.toString()) as { traceEvents: TraceEvent[] }).traceEvents;
}

/**
 * The processor time, in milliseconds, of each task of a page's main thread while something is done. What a person feels
 * is the time on the clock; but that grows when the machine is busy with something else, and the page's tasks wait for
 * nothing, so on a machine of its own the two are the same.
 */
export async function cpuTimeOfTasks(
  { context, page }: Pick<Visitor, "context" | "page">,
  work: () => Promise<void>,
): Promise<number[]> {
  const browser = context.browser();
  if (browser === null) throw new Error("The page has no browser of its own.");
  // Its main thread is the one of this mark: the trace has the pages of other tests as well.
  const mark = randomUUID();
  const events = await traceOf(browser, async () => {
    await page.evaluate((name) => void performance.mark(name), mark);
    await work();
    // What the page answers, it may answer within a task. That one has ended once the next one runs.
    await page.evaluate(() => undefined);
  });
  const own = events.find(({ name }) => name === mark);
  if (own === undefined) throw new Error("The trace lacks the page.");
  const tasks = events.filter(({ name, pid, tid }) => name === "RunTask" && pid === own.pid && tid === own.tid);
  if (!tasks.some(({ tdur }) => tdur !== undefined)) {
    throw new Error("This browser does not measure the processor time of tasks.");
  }
  // No task takes more of the processor than it takes on the clock. Some systems add up the time of a thread late, and count
  // much of it for a task that was short.
  return tasks.map(({ dur = 0, tdur = dur }) => Math.min(dur, tdur) / 1_000);
}
