// Runs one function: loads its bundle once, and calls its handler with each event that comes. Plain JavaScript, so that a
// thread needs no compiler of TypeScript of its own, which takes 15 MB.
import { AsyncLocalStorage } from "node:async_hooks";
import { parentPort, workerData } from "node:worker_threads";
import { askByPort } from "./engine-port.mjs";

/**
 * What belongs to one invocation, as several run at once. Lambda's runtime has the same where a function may do so; the
 * SDK and Powertools find it here, and each line of the log has its own request's id.
 * https://github.com/awslabs/aws-lambda-invoke-store
 */
const invocations = new AsyncLocalStorage();
const UNIVERSAL = {};
const stored = () => invocations.getStore() ?? UNIVERSAL;
globalThis.awslambda = {
  InvokeStore: {
    get: (key) => stored()[key],
    set: (key, value) => {
      stored()[key] = value;
    },
    getContext: () => invocations.getStore(),
    hasContext: () => invocations.getStore() !== undefined,
    getRequestId: () => "-",
    getXRayTraceId: () => undefined,
    getTenantId: () => undefined,
    run: (context, work) => invocations.run(context, work),
  },
};

if (workerData.engine) askByPort(workerData.engine);
const { [workerData.name]: handler } = await import(workerData.bundle);
if (typeof handler !== "function") throw new Error(`${workerData.bundle} exports no function ${workerData.name}`);

parentPort.on("message", async ({ id, event, context, endsAt }) => {
  const getRemainingTimeInMillis = () => Math.max(0, endsAt - Date.now());
  try {
    const result = await invocations.run({}, () => handler(event, { ...context, getRemainingTimeInMillis }));
    parentPort.postMessage({ id, result });
  } catch (error) {
    parentPort.postMessage({ id, error: error instanceof Error ? error : new Error(String(error)) });
  }
});
