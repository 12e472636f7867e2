import { ProblemError } from "./errors.ts";
import { type Connection, exchange, type Request } from "./exchange.ts";
import type { CallOptions } from "./options.ts";
import { Backoff, type BackoffOptions, isPassing, isUncertain, retrying } from "./retry.ts";

/** A request without the signal, which comes with the options of the call. */
export type Call<T> = Omit<Request<T>, "signal">;

const NOTHING = { total: 0 };

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

  /**
   * Sends a request as {@link send} does, where a repeat is refused if an earlier attempt has taken effect without an
   * answer.
   *
   * @param resultOf Called with a refusal that may mean this. Makes the result of that attempt; undefined: it means
   * something else.
   */
  async sendUncertain<T>(
    call: Call<T>,
    options: CallOptions,
    resultOf: (refusal: ProblemError) => T | undefined | Promise<T | undefined>,
  ): Promise<T> {
    let mayBeDone = false;
    const attempt = async () => {
      try {
        return await this.once(call, options.signal);
      } catch (error) {
        mayBeDone ||= isUncertain(error);
        throw error;
      }
    };
    try {
      return await this.retrying(attempt, options);
    } catch (error) {
      const result = mayBeDone && error instanceof ProblemError ? await resultOf(error) : undefined;
      if (result === undefined) throw error;
      return result;
    }
  }

  /**
   * Repeats an attempt as {@link send} does.
   *
   * @param free How long attempts have taken that do not count as a part of `giveUpAfter`, in milliseconds.
   */
  retrying<T>(
    attempt: () => Promise<T>,
    { signal, onRetry }: CallOptions,
    isWorth: (error: unknown) => boolean = isPassing,
    free: { readonly total: number } = NOTHING,
  ): Promise<T> {
    const { timing } = this.connection;
    const policy = new Backoff(this.#retry, timing, isWorth);
    return retrying(attempt, {
      policy: { waitAfter: (failure) => policy.waitAfter({ ...failure, elapsed: failure.elapsed - free.total }) },
      timing,
      signal,
      onRetry: (error, delay) => isPassing(error) && onRetry?.(error, delay),
    });
  }
}
