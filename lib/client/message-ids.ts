import { v7 } from "uuid";
import { timeOf } from "../contract/uuid-time.ts";
import { realTiming, type Timing } from "./timing.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** How far a clock may be off before it counts as wrong. */
const TOLERANCE_MS = 1 * MINUTE;

/** An id may be so far ahead of the time now, so that it sorts after the one before it. The server takes 10 minutes. */
const AHEAD_MS = 8 * MINUTE;

/** From here on the server has surely refused an id: its bound, and a minute in which its machines may differ. */
const REFUSED_AHEAD_MS = 11 * MINUTE;

/** A `Date` header has whole seconds. */
const DATE_RESOLUTION_MS = 1 * SECOND;

/**
 * Makes the ids of new messages by the server's time. The server refuses an id whose time is far from its own, and the
 * clock of this machine may be wrong. It is compared with each answer of the server.
 *
 * Several clients of one server share one of these, see `ClientOptions.messageIds`: then all their ids are in order.
 */
export class MessageIds {
  readonly #timing: Pick<Timing, "now">;
  /** Milliseconds from this machine's time to the server's. */
  #offset = 0;
  /** The time in the last id. */
  #last = Number.NEGATIVE_INFINITY;

  constructor(timing: Pick<Timing, "now"> = realTiming) {
    this.#timing = timing;
  }

  /**
   * A new UUIDv7. It sorts after all ids that were made before, unless those lie in the future: the clock was ahead of the
   * server's then, and has been corrected.
   */
  next(): string {
    const now = this.#timing.now() + this.#offset;
    const isInReach = this.#last < now + AHEAD_MS;
    this.#last = isInReach ? Math.max(now, this.#last + 1) : now;
    return v7({ msecs: this.#last });
  }

  /**
   * Compares the clocks by an answer of the server.
   *
   * @param date Its `Date` header.
   * @param askedAt When the request began, by this machine's clock in milliseconds since the epoch.
   */
  observe(date: string | null, askedAt: number): void {
    const answeredAt = this.#timing.now();
    const earliest = Date.parse(date ?? "");
    // The clock was set back meanwhile: the next answer tells.
    if (Number.isNaN(earliest) || answeredAt < askedAt) return;
    // The server wrote the header at some time in between.
    const least = earliest - answeredAt;
    const most = earliest + DATE_RESOLUTION_MS - askedAt;
    if (this.#offset < least - TOLERANCE_MS || this.#offset > most + TOLERANCE_MS) {
      this.#offset = Math.round((least + most) / 2);
    }
  }

  /**
   * Sets the clock: the server has refused an id, and told its time.
   *
   * @param serverTime RFC 3339.
   */
  correct(serverTime: string): void {
    const time = Date.parse(serverTime);
    if (!Number.isNaN(time)) this.#offset = time - this.#timing.now();
  }
}

/**
 * Whether the server refuses an id since its time is ahead, and so has refused it in all earlier attempts as well: its
 * clock only goes forward. Nothing was ever stored under such an id.
 *
 * @param serverTime RFC 3339.
 */
export const wasNeverStored = (messageId: string, serverTime: string): boolean =>
  timeOf(messageId) - Date.parse(serverTime) > REFUSED_AHEAD_MS;
