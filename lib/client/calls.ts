import { type Connection, exchange, type Request } from "./exchange.ts";
import type { CallOptions } from "./options.ts";
import { Backoff, type BackoffOptions, isPassing, retrying } from "./retry.ts";

/** A request without the signal, which comes with the options of the call. */
export type Call<T> = Omit<Request<T>, "signal">;

/** Sends requests until they are answered. */
export class Calls {
  readonly connection: Connection;
  readonly #retry: BackoffOptions;

  constructor(connection: Connection, retry: BackoffOptions) {
    this.connection = connection;
    this.#retry = retry;
  }

  /** Sends a request once. */
  once<T>(call: Call<T>, signal: AbortSignal | undefined): Promise<T> {
    return exchange(this.connection, { ...call, signal });
  }

  /**
   * Sends a request, and repeats it as long as that may help.
   *
   * @param isWorth Which failures are worth another attempt.
   */
  send<T>(call: Call<T>, options: CallOptions, isWorth = isPassing): Promise<T> {
    return this.retrying(() => this.once(call, options.signal), options, isWorth);
  }

  /** Repeats an attempt as {@link send} does. */
  retrying<T>(attempt: () => Promise<T>, { signal, onRetry }: CallOptions, isWorth = isPassing): Promise<T> {
    const { timing } = this.connection;
    return retrying(attempt, {
      policy: new Backoff(this.#retry, timing, isWorth),
      timing,
      signal,
      onRetry: (error, delay) => isPassing(error) && onRetry?.(error, delay),
    });
  }
}
