import Lambda, { type FunctionDefinition, type LambdaFunction } from "serverless-offline/lambda";
import { FunctionHost, type FunctionSettings, FunctionTimeout } from "./function-host.ts";
import { withRequestId } from "./request-ids.ts";

/** Runs a function with an event. */
export type Invoke = (functionKey: string, event: unknown) => Promise<unknown>;

/** The functions of a stack, which start when serverless-offline does. */
export interface LocalLambda {
  readonly invoke: Invoke;
  /** Lets each function load its bundle again. */
  reload(): void;
}

/** Tells how a function is to be run. */
export type Describe = (functionKey: string, definition: FunctionDefinition) => FunctionSettings;

/**
 * What API Gateway's HTTP API answers for a function that fails. serverless-offline would answer 200 with the error's text
 * and stack.
 */
function failureOf(error: unknown): object {
  const isLate = error instanceof FunctionTimeout;
  const [statusCode, message] = isLate ? [503, "Service Unavailable"] : [500, "Internal Server Error"];
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify({ message }) };
}

/** Is told what a function has thrown. */
export type Report = (functionKey: string, error: unknown) => void;

/**
 * Runs the functions of serverless-offline each in a {@link FunctionHost}. Its own way takes a thread for every request
 * that comes while others are answered: the bundle is loaded and compiled again in each, and 60 MB are held.
 *
 * Its Lambda port stays closed: there anybody could invoke the functions with events that no API makes, and an
 * asynchronous one that fails ends the process.
 */
export function replaceLambda(describe: Describe, report: Report): LocalLambda {
  const hosts = new Map<string, FunctionHost>();
  const invoke: Invoke = async (functionKey, event) => {
    const host = hosts.get(functionKey);
    if (host === undefined) throw new Error(`there is no function ${functionKey}`);
    try {
      return await host.invoke(withRequestId(event));
    } catch (error) {
      report(functionKey, error);
      throw error;
    }
  };
  Lambda.prototype.create = (functions) => {
    for (const { functionKey, functionDefinition } of functions) {
      hosts.set(functionKey, new FunctionHost(describe(functionKey, functionDefinition)));
    }
  };
  Lambda.prototype.get = (functionKey): LambdaFunction => {
    let event: unknown;
    return {
      setEvent: (value) => {
        event = value;
      },
      runHandler: () => invoke(functionKey, event).catch(failureOf),
    };
  };
  Lambda.prototype.start = async () => {};
  Lambda.prototype.stop = async () => {};
  Lambda.prototype.cleanup = async () => {
    await Promise.all([...hosts.values()].map((host) => host.stop()));
  };
  return {
    invoke,
    reload: () => {
      for (const host of hosts.values()) host.reload();
    },
  };
}
