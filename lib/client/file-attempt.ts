import { NetworkError } from "./errors.ts";
import type { Connection } from "./exchange.ts";
import { FileError } from "./file-error.ts";
import { type Timing, withScope } from "./timing.ts";

/**
 * How many times as long as an answer a byte may take. Between two of them the system may have megabytes in its buffers, which
 * are sent at the speed of the network.
 */
const PATIENCE = 4;

/** A transfer that goes on. */
export interface Transfer {
  /** Aborted when the caller gives up, or when no byte has moved for too long. */
  readonly signal: AbortSignal;
  /** Bytes have moved. */
  moved(): void;
}

/**
 * Runs one attempt to move a file.
 *
 * @throws FileError, NetworkError what `work` throws
 * @throws NetworkError for all else that it throws
 * @throws the signal's reason when it is aborted
 */
export async function transferring<T>(
  { timeout }: Pick<Connection, "timeout">,
  signal: AbortSignal | undefined,
  work: (transfer: Transfer) => Promise<T>,
): Promise<T> {
  return withScope(signal, async (scope) => {
    const giveUp = () => scope.abort(new DOMException("No byte has moved in time", "TimeoutError"));
    let timer = setTimeout(giveUp, PATIENCE * timeout);
    const moved = () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, PATIENCE * timeout);
    };
    try {
      return await work({ signal: scope.signal, moved });
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof FileError || cause instanceof NetworkError) throw cause;
      throw new NetworkError("The transfer of the file was cut off.", { cause });
    } finally {
      clearTimeout(timer);
    }
  });
}

/**
 * How long transfers have taken so far, in milliseconds. A file that needs minutes and fails at its end is uploaded again: what
 * `giveUpAfter` bounds is how long nothing is done.
 */
export class TransferTime {
  readonly #timing: Pick<Timing, "now">;
  #total = 0;

  constructor(timing: Pick<Timing, "now">) {
    this.#timing = timing;
  }

  get total(): number {
    return this.#total;
  }

  async of<T>(transfer: () => Promise<T>): Promise<T> {
    const from = this.#timing.now();
    try {
      return await transfer();
    } finally {
      this.#total += Math.max(0, this.#timing.now() - from);
    }
  }
}
