import type { Batch } from "./model.ts";
import type { Poll } from "./receive-options.ts";
import type { Timing } from "./timing.ts";

/** Waits between syncs that find nothing grow by this factor. */
const GROWTH = 1.5;

/**
 * How often to poll beside a WebSocket: soon after a message, and then rarely. A message that is sent in the moment in
 * which a connection begins finds it unknown, and wakes nobody. The next ping also tells of a wake that was lost, see
 * `wake-socket.ts`. So a message waits 5 minutes at most.
 */
export const SAFETY_NET: Readonly<Poll> = { min: 5_000, max: 300_000 };

/**
 * After a batch that came as previews beside a WebSocket, and after one of nothing but quiet messages: nobody is talking as
 * far as anybody knows. What is left to do is to acknowledge the batch, and the sync for the next preview mostly does that.
 * Shorter than the batch's lease of 30 s.
 */
const ACKNOWLEDGED_MS = 10_000;

/** Decides how long to wait between two syncs. */
export class Pace {
  readonly #poll: Poll;
  readonly #timing: Pick<Timing, "random">;
  #interval = 0;

  /** @param poll It may be changed at any time. */
  constructor(poll: Poll, timing: Pick<Timing, "random">) {
    this.#poll = poll;
    this.#timing = timing;
  }

  /** Begins anew with the shortest wait. */
  reset(): void {
    this.#interval = 0;
  }

  /**
   * @param isLive whether wakes come
   * @param wasPreviewed whether all messages of the batch came as previews before
   * @returns milliseconds until the next sync, which a wake may cut short; undefined: at once
   */
  waitAfter({ messages, more, retryAfter }: Batch, isLive: boolean, wasPreviewed = false): number | undefined {
    const { min, max } = isLive ? SAFETY_NET : this.#poll;
    const isQuiet = messages.every(({ quiet }) => quiet);
    const hasMoved = !isQuiet || more;
    const soon = isLive && wasPreviewed ? ACKNOWLEDGED_MS : min;
    const later = Math.min(max, Math.max(min, this.#interval * GROWTH));
    this.#interval = hasMoved ? soon : later;
    if (messages.length > 0 && !hasMoved) this.#interval = Math.min(this.#interval, ACKNOWLEDGED_MS);
    // Without messages "more" waits too: a server that always promises more must not be asked in a tight loop.
    if (more && messages.length > 0) return undefined;
    if (retryAfter !== undefined) return 1_000 * retryAfter + this.#timing.random() * min;
    return this.#interval * (0.5 + this.#timing.random() / 2);
  }
}
