import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";

/** To look, at the first of these times, whether a connection has proven whose it is. */
export interface Watch {
  readonly connectionId: string;
  /** Milliseconds since the epoch. After the last one the connection is closed. */
  readonly looks: readonly number[];
}

/** Has {@link Watch} done later, by another invocation. */
export type StartWatch = (watch: Watch) => Promise<void>;

/**
 * By an asynchronous invocation of a function, which waits by itself: nothing has to run, and nothing costs, while no
 * connection is new.
 */
export const startWatchBy =
  (lambda: Pick<LambdaClient, "send">, functionName: string): StartWatch =>
  async (watch) => {
    const Payload = JSON.stringify({ watch });
    await lambda.send(new InvokeCommand({ FunctionName: functionName, InvocationType: "Event", Payload }));
  };
