import type { Visitor } from "./visitor.ts";

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Time on the clock, in microseconds. */
  readonly dur?: number;
  /** Processor time of the thread, in microseconds. A few events lack it. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/**
 * The processor time, in milliseconds, of each task of a page's main thread while something is done. What a person feels
 * is the time on the clock; but that grows when the machine is busy with something else, and the page's tasks wait for
 * nothing, so on a machine of its own the two are the same.
 */
export async function cpuTimeOfTasks({ context, page }: Visitor, work: () => Promise<void>): Promise<number[]> {
  const browser = context.browser();
  if (browser === null) throw new Error("The page has no browser of its own.");
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline", "toplevel"] });
  await work();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const threads = new Set(
    trace.traceEvents
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  const tasks = trace.traceEvents.filter(({ name, pid, tid }) => name === "RunTask" && threads.has(`${pid}/${tid}`));
  if (!tasks.some(({ tdur }) => tdur !== undefined)) {
    throw new Error("This browser does not measure the processor time of tasks.");
  }
  // No task takes more of the processor than it takes on the clock.
  return tasks.map(({ dur = 0, tdur = dur }) => tdur / 1_000);
}
