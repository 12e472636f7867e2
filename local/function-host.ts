import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { Engine } from "./engine.ts";
import { Slots } from "./slots.ts";

/** A function as it is to be run. */
export interface FunctionSettings {
  /** Its name on AWS. */
  readonly name: string;
  readonly memorySize: number;
  /** How long an invocation may take, in milliseconds. */
  readonly timeout: number;
  /** All that it finds in `process.env`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Tells where its bundle lies, as a URL, and what in it is the handler. */
  readonly code: () => Readonly<{ bundle: string; name: string }>;
  /** The database that the environment names. If it has a line, the thread asks it by that. */
  readonly engine?: Pick<Engine, "endpoint" | "line">;
}

/**
 * Invocations of one function at once; more of them wait. Without a bound, each of many requests gets so little of the
 * processor that none is answered in time.
 */
export const AT_ONCE = 4;

/**
 * What lives for one invocation only, in megabytes. V8's own choice is 64 and more, which a thread never gives back. With 16 a
 * thread under load collects garbage half as long again.
 */
const YOUNG_MEGABYTES = 32;

const THREAD = new URL("function-thread.mjs", import.meta.url);

/** What a thread answers. */
interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: Error;
}

interface Invocation {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A thread with the invocations that it has not answered yet. */
interface Thread {
  readonly worker: Worker;
  readonly open: Map<number, Invocation>;
  /** When it last answered, in milliseconds of `performance.now()`. */
  heardAt: number;
}

/** An invocation took longer than its function may. */
export class FunctionTimeout extends Error {
  override readonly name = "FunctionTimeout";
}

/**
 * Runs one function in a thread of its own, which begins with the first invocation. So it has its own environment. What it
 * throws outside an invocation, and a loop that never ends, take all invocations on this thread with them, and no other
 * function's: the next invocation begins another thread.
 *
 * One thread takes several invocations at once, as Lambda does where a function says that it may
 * (`AWS_LAMBDA_MAX_CONCURRENCY`). A thread for each would load and compile the bundle again, and hold 60 MB.
 */
export class FunctionHost {
  readonly #settings: FunctionSettings;
  readonly #slots = new Slots(AT_ONCE);
  #thread: Thread | undefined;
  #invocations = 0;

  constructor(settings: FunctionSettings) {
    this.#settings = settings;
  }

  /**
   * @returns what the handler returns
   * @throws {FunctionTimeout} It took too long.
   * @throws {Error} What the handler throws, or that its thread has ended.
   */
  invoke(event: unknown): Promise<unknown> {
    return this.#slots.use(() => this.#run(event));
  }

  /** Lets the next invocation load the bundle again. Those that run are answered by the old one. */
  reload(): void {
    const old = this.#thread;
    this.#thread = undefined;
    if (old?.open.size === 0) void old.worker.terminate();
  }

  async stop(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.worker.terminate();
  }

  #run(event: unknown): Promise<unknown> {
    const { timeout } = this.#settings;
    const thread = this.#thread ?? this.#start();
    this.#thread = thread;
    const id = this.#invocations++;
    return new Promise((resolve, reject) => {
      const beganAt = performance.now();
      const timer = setTimeout(() => this.#giveUp(thread, id, beganAt), timeout);
      const end = (): void => {
        clearTimeout(timer);
        thread.open.delete(id);
        if (thread.open.size === 0 && thread !== this.#thread) void thread.worker.terminate();
      };
      thread.open.set(id, {
        resolve: (result) => {
          end();
          resolve(result);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      });
      thread.worker.postMessage({ id, event, context: this.#context(), endsAt: Date.now() + timeout });
    });
  }

  /**
   * An invocation took too long. It ends alone where the thread has answered others meanwhile. A thread that has said
   * nothing gets no more: it may be in a loop. It ends when the rest of its invocations have.
   */
  #giveUp(thread: Thread, id: number, beganAt: number): void {
    if (thread.heardAt < beganAt && this.#thread === thread) this.#thread = undefined;
    thread.open.get(id)?.reject(new FunctionTimeout(`${this.#settings.name} took longer than it may`));
  }

  #start(): Thread {
    const { environment, code, engine } = this.#settings;
    const port = engine?.line?.connect();
    const worker = new Worker(THREAD, {
      env: { ...environment, AWS_LAMBDA_MAX_CONCURRENCY: String(AT_ONCE) },
      workerData: { ...code(), engine: port && { endpoint: engine?.endpoint, port } },
      transferList: port ? [port] : [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    const thread: Thread = { worker, open: new Map(), heardAt: Number.NEGATIVE_INFINITY };
    const leave = (error: Error): void => {
      if (this.#thread === thread) this.#thread = undefined;
      fail(thread.open, error);
    };
    worker.on("message", ({ id, result, error }: Answer) => {
      thread.heardAt = performance.now();
      const invocation = thread.open.get(id);
      if (error === undefined) invocation?.resolve(result);
      else invocation?.reject(error);
    });
    worker.on("error", (error) => leave(error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", (code) => leave(new Error(`the function ${this.#settings.name} has ended with code ${code}`)));
    return thread;
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html, but for its methods. */
  #context(): object {
    const { name, memorySize } = this.#settings;
    return {
      awsRequestId: randomUUID(),
      callbackWaitsForEmptyEventLoop: true,
      functionName: name,
      functionVersion: "$LATEST",
      invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${name}`,
      logGroupName: `/aws/lambda/${name}`,
      logStreamName: "local",
      memoryLimitInMB: String(memorySize),
    };
  }
}

function fail(open: ReadonlyMap<number, Invocation>, error: Error): void {
  for (const { reject } of [...open.values()]) reject(error);
}
