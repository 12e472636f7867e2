import Lambda, { type LambdaFunction } from "serverless-offline/lambda";
import { withRequestId } from "./request-ids.ts";

/**
 * Workers per function. serverless-offline itself starts one for every request that finds none idle, without a bound:
 * 64 requests at once then load the bundle 64 times, for seconds and gigabytes.
 */
const WORKERS = 4;

/** A number of slots; who finds none free waits for the next, first come, first served. */
export class Slots {
  #free: number;
  readonly #waiting: Array<() => void> = [];

  constructor(count: number) {
    this.#free = count;
  }

  async use<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/** Lets requests wait for one of a function's {@link WORKERS}, as Lambda's reserved concurrency would refuse them. */
export function boundConcurrency(): void {
  const slots = new Map<string, Slots>();
  const getIdle = Lambda.prototype.get;
  Lambda.prototype.get = function (functionKey: string): LambdaFunction {
    const own = slots.get(functionKey) ?? new Slots(WORKERS);
    slots.set(functionKey, own);
    let event: unknown;
    let clientContext: unknown;
    return {
      setEvent: (value) => {
        event = withRequestId(value);
      },
      setClientContext: (value) => {
        clientContext = value;
      },
      runHandler: () =>
        own.use(() => {
          const lambda = getIdle.call(this, functionKey);
          lambda.setEvent(event);
          lambda.setClientContext(clientContext);
          return lambda.runHandler();
        }),
    };
  };
}
