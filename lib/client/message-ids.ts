import { v7 } from "uuid";
import { timeOf } from "../contract/uuid-time.ts";
import { realTiming, type Timing } from "./timing.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A clock that is off by more counts as wrong. */
const TOLERANCE_MS = 1 * MINUTE;

/** How far ahead of the present an id may be, to sort after the id before it. The server accepts 10 minutes. */
const AHEAD_MS = 8 * MINUTE;

/**
 * The server certainly refuses an id that is further ahead: its bound, and a minute by which its machines may differ.
 */
const REFUSED_AHEAD_MS = 11 * MINUTE;

/** A `Date` header has whole seconds. */
const DATE_RESOLUTION_MS = 1 * SECOND;

/**
 * Makes the ids of new messages by the server's time. The server refuses an id whose time is far from its own, and this
 * machine's clock may be wrong. So the clock is compared with each answer of the server.
 *
 * If several clients of one server share an instance, all their ids are in order, see `ClientOptions.messageIds`.
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
   * Makes a UUIDv7. It sorts after all earlier ids, unless these lie in the future: then the clock was ahead of the
   * server's and has been corrected since.
   *
   * @param after An id that the new one must sort after, by whatever clock it was made.
   */
  next(after = ""): string {
    const present = this.#timing.now() + this.#offset;
    const least = timeOf(after) + 1;
    const now = least > present ? least : present;
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
    // The clock was set back meanwhile. The next answer corrects the offset.
    if (Number.isNaN(earliest) || answeredAt < askedAt) return;
    // The server wrote the header between the request and the answer.
    const least = earliest - answeredAt;
    const most = earliest + DATE_RESOLUTION_MS - askedAt;
    if (this.#offset < least - TOLERANCE_MS || this.#offset > most + TOLERANCE_MS) {
      this.#offset = Math.round((least + most) / 2);
    }
  }

  /**
   * Sets the clock after the server has refused an id and told its time.
   *
   * @param serverTime RFC 3339.
   */
  correct(serverTime: string): void {
    const time = Date.parse(serverTime);
    if (!Number.isNaN(time)) this.#offset = time - this.#timing.now();
  }
}

// Marked as pure, so that a program without newMessageId does not bear it.
const ownIds = /* @__PURE__ */ new MessageIds();

/** Makes a new message's id: a UUIDv7 by this machine's clock. See `Client.newMessageId`. */
export const newMessageId = (): string => ownIds.next();

/**
 * Whether the server has refused all attempts under an id: the time in it is ahead even now, and the server's clock
 * only goes forward. So nothing was stored under it.
 *
 * @param serverTime RFC 3339.
 */
export const wasNeverStored = (messageId: string, serverTime: string): boolean =>
  timeOf(messageId) - Date.parse(serverTime) > REFUSED_AHEAD_MS;
