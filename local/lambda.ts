import Lambda from "serverless-offline/lambda";
import { offlinePart } from "./offline-parts.ts";

/** Runs a function with an event, in one of its workers. */
export type Invoke = (functionKey: string, event: unknown) => Promise<unknown>;

/**
 * Takes hold of serverless-offline's Lambda, which starts later, and keeps its port closed: there anybody could invoke the
 * functions with events that no API makes, and an asynchronous one that fails ends the process.
 */
export async function takeLambda(): Promise<Invoke> {
  const { promise: started, resolve } = Promise.withResolvers<Lambda>();
  const { start } = Lambda.prototype;
  Lambda.prototype.start = function () {
    resolve(this);
    return start.call(this);
  };
  const port = await offlinePart("HttpServer.js");
  port.prototype.start = async () => {};
  return async (functionKey, event) => {
    const lambda = (await started).get(functionKey);
    lambda.setEvent(event);
    return lambda.runHandler();
  };
}
