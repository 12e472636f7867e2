import { LIMITS } from "../contract/limits.ts";
import type { Clock } from "../runtime/clock.ts";
import { Unavailable } from "../runtime/errors.ts";
import { newOpaqueId } from "../runtime/ids.ts";
import { log } from "../runtime/log.ts";
import { type Count, countNothing } from "../runtime/metrics.ts";
import { type Sleep, sleep } from "../runtime/sleep.ts";
import type { Turn } from "../runtime/turn.ts";
import type { ChannelStore, HeadOutcome } from "./channel-store.ts";
import { type ChannelView, classify, hasMessages, pageSize } from "./channel-view.ts";
import {
  type Advance,
  answerNothing,
  answerWait,
  type BatchRequest,
  decide,
  type Fresh,
  type Leaves,
  leavesOf,
  planAdvance,
  planReplay,
  type SyncAnswer,
} from "./decision.ts";
import { newWrite } from "./head.ts";
import { OpenWrites } from "./open-writes.ts";
import { type StoredMessage, storedBytes } from "./stored-message.ts";

/*
 * The delivery protocol: a channel, its head, and how messages go off it. How they come onto it is in `sending.ts`. What a
 * sync has to do is decided in `decision.ts`, which reads nothing else; here is the reading and writing around it.
 *
 * - A message is an item of the receiver's channel. It is deleted only once it is *settled*: delivered for good.
 * - One *batch* at a time is out. The head names it by a *receipt* and lists its messages by their keys.
 * - A client that shows that receipt as `ack` settles the batch, and is handed the next one in the same write.
 * - A client that shows the `ack` which took the batch out gets the same batch again, flagged: it missed the answer, or it
 *   died between processing the batch and saving the receipt.
 * - Anybody else waits until the batch's *lease* is over; then the same batch goes out again, exactly as it was, flagged.
 * - A sync without `ack` settles its messages in the very write that takes them. While such a write may still arrive, the
 *   sync never answers that there is nothing: it fails.
 * - A channel that was full has missed messages. A sync says so once, with a batch or alone, until its receipt is shown.
 * - Every change is one conditional write of the head. Deletes come after it; what they miss, a later sync sweeps.
 */

export interface SyncRequest extends BatchRequest {
  /** The key of the channel: the receiver's id, or what `channelKey` makes of it for a further device. */
  readonly receiverId: string;
  /**
   * Awaited before anything is written or handed out, and again after each write of the head that failed: the session may
   * have ended meanwhile. Its rejection ends the sync without a trace.
   */
  readonly authorize?: () => Promise<unknown>;
  /** Awaited after it, before a batch is handed out again to a client that shows the same `ack` again. */
  readonly authorizeReplay?: () => Promise<unknown>;
  /** Told of the bytes that each read of the channel took. */
  readonly onRead?: (bytes: number) => void;
  /** Told of an answer that hands messages out or settles them, while what they leave behind is deleted. */
  readonly onAnswer?: (answer: SyncAnswer) => void;
  /**
   * When nobody waits for the answer any more, in milliseconds since the epoch. Nothing is begun from then on: it would
   * take messages that were sent after the client was told to try again.
   */
  readonly answerBy?: number;
}

export class Delivery {
  readonly #store: ChannelStore;
  readonly #now: Clock;
  readonly #sleep: Sleep;
  readonly #count: Count;
  readonly #turn: Turn;

  /** @param turn Without it the processor works only while no call of the database is under way. */
  constructor(
    store: ChannelStore,
    now: Clock,
    pause: Sleep = sleep,
    count: Count = countNothing,
    turn: Turn = async () => {},
  ) {
    this.#store = store;
    this.#now = now;
    this.#sleep = pause;
    this.#count = count;
    this.#turn = turn;
  }

  /**
   * Takes messages off the channel: read, one conditional write, delete. Nothing to settle and nothing to hand out is
   * answered by the read alone.
   *
   * @throws {Unavailable} Too many other syncs came in between, the database is out of reach, or a settling write may
   * still arrive. The same sync may be tried again; with `ack` nothing can be lost by that.
   */
  async sync(request: SyncRequest): Promise<SyncAnswer> {
    const open = new OpenWrites(request.ack);
    for (let round = 0; round < LIMITS.syncAttempts; round++) {
      if (round > 0) await this.#sleep(backOff(round));
      this.#requireTime(request);
      const answer = await this.#round(request, open);
      if (answer) return answer;
    }
    throw new Unavailable("the head was written by others each time");
  }

  /**
   * One read and at most one write of the head. `undefined` if that has to be done again, as others wrote the head
   * meanwhile, or as nobody can say whether the write applied: such a write is then in `open`.
   */
  async #round(request: SyncRequest, open: OpenWrites): Promise<SyncAnswer | undefined> {
    const page = await this.#store.read(request.receiverId, pageSize(request.limit));
    request.onRead?.(storedBytes(page.messages));
    const view = classify(page, this.#now());
    const applied = open.resolve(view.head);
    if (applied) return this.#finish(request, applied);
    const decision = decide(view.head, request.ack, this.#now());
    if (decision.kind === "wait") {
      open.requireNone();
      return answerWait(view.head, request.ack, this.#fresh());
    }
    // Exactly what was out, by its own keys: the page may not reach so far, and may hold what was never handed out.
    const again = decision.kind === "advance" ? [] : await this.#outstanding(request, view);
    if (decision.kind === "replay" && again.length > 0) return this.#replay(request, view, again, open);
    const confirmed = decision.kind === "advance" ? decision.confirmed : undefined;
    // The session is checked while the next head is made. Where there is a message there is something to write.
    const permitted = hasMessages(view) ? this.#permit(request, open) : undefined;
    permitted?.catch(() => undefined);
    if (permitted && view.positions.length >= MANY) await this.#turn();
    const fresh = this.#fresh();
    const advance = planAdvance(view, request, confirmed, again, fresh);
    if (advance === undefined) return this.#nothing(request, view, fresh, open);
    await (permitted ?? this.#permit(request, open));
    const outcome = await this.#write(request, view, advance);
    if (outcome === "written") return this.#finish(request, advance);
    if (outcome === "unknown") open.add(advance);
    return undefined;
  }

  #fresh(): Fresh {
    return { write: newWrite(), receipt: newOpaqueId(), now: this.#now() };
  }

  /** To be awaited before anything is written or handed out. */
  async #permit(request: SyncRequest, open: OpenWrites, isReplay = false): Promise<void> {
    try {
      await request.authorize?.();
      if (isReplay) await request.authorizeReplay?.();
    } catch (error) {
      // A refusal says that nothing has happened.
      open.requireNone();
      throw error;
    }
    this.#requireTime(request);
  }

  #requireTime({ answerBy }: SyncRequest): void {
    if (this.#timeUntil(answerBy) <= 0) throw new Unavailable("nobody waits for the answer any more");
  }

  #timeUntil(answerBy = Number.POSITIVE_INFINITY): number {
    return answerBy - this.#now();
  }

  async #nothing(request: SyncRequest, view: ChannelView, fresh: Fresh, open: OpenWrites): Promise<SyncAnswer> {
    open.requireNone();
    const leaves = leavesOf(view, request.ack, fresh);
    if (leaves.dead.length + leaves.expired.length > 0 || leaves.missed !== undefined) {
      await this.#permit(request, open);
      await this.#sweep(request, leaves);
    }
    return answerNothing(view, request.ack, fresh);
  }

  /** See {@link planReplay}. `undefined` if the head changed meanwhile. */
  async #replay(
    request: SyncRequest,
    view: ChannelView,
    messages: readonly StoredMessage[],
    open: OpenWrites,
  ): Promise<SyncAnswer | undefined> {
    await this.#permit(request, open, true);
    const { answer, renewed } = planReplay(view, messages, this.#fresh());
    if (renewed !== undefined) {
      const outcome = await this.#store.writeHead(request.receiverId, view.head, renewed);
      if (outcome !== "written") return undefined;
    }
    this.#countHandedOut(answer.messages, answer.messages);
    return answer;
  }

  async #write(request: SyncRequest, view: ChannelView, { next }: Advance): Promise<HeadOutcome> {
    try {
      return await this.#store.writeHead(request.receiverId, view.hasHead ? view.head : undefined, next);
    } catch (error) {
      if (error instanceof Unavailable) return "unknown";
      throw error;
    }
  }

  async #finish(request: SyncRequest, { leaves, answer, settles, reissued }: Advance): Promise<SyncAnswer> {
    this.#count("MessagesSettled", settles);
    this.#count("LeaseExpiries", reissued ? 1 : 0);
    this.#countHandedOut(
      answer.messages,
      answer.messages.filter(({ redelivered }) => redelivered),
    );
    const swept = this.#sweep(request, leaves);
    if (answer.messages.length >= MANY) await this.#turn();
    request.onAnswer?.(answer);
    await swept;
    return answer;
  }

  /** @param again Those of them that were handed out before, or may have been. */
  #countHandedOut(messages: readonly StoredMessage[], again: readonly StoredMessage[]): void {
    this.#count("MessagesDelivered", messages.length - again.length);
    this.#count("MessagesRedelivered", again.length);
    const oldest = Math.min(...again.map(({ sentAt }) => sentAt));
    if (again.length > 0) this.#count("RedeliveryAge", this.#now() - oldest);
  }

  /**
   * Never fails, and never keeps the answer back until nobody waits for it: what stays behind is in the ring, so that it
   * is not handed out again, or past its retention, and a later sync sweeps it.
   */
  async #sweep({ receiverId, answerBy }: SyncRequest, { dead, expired, missed }: Leaves): Promise<void> {
    const settled = [...new Set(dead)];
    const signal = AbortSignal.timeout(Math.min(LIMITS.sweepTime, Math.max(0, this.#timeUntil(answerBy))));
    try {
      await Promise.all([
        this.#store.delete(receiverId, settled, signal),
        this.#store.deleteExpired(receiverId, expired, this.#now(), signal),
        missed !== undefined && this.#store.deleteMissed(receiverId, missed, signal),
      ]);
    } catch (error) {
      const counts = { settled: settled.length, expired: expired.length };
      log("warn", "settled messages are left to a later sync", counts, error);
    }
  }

  /** The messages of the batch that is out which still exist, in their order; from the page as far as it reaches. */
  async #outstanding(request: SyncRequest, { head, byPosition, now }: ChannelView): Promise<StoredMessage[]> {
    const missing = head.outstanding.filter((position) => !byPosition.has(position));
    const fetched = await this.#store.fetch(request.receiverId, missing);
    request.onRead?.(storedBytes(fetched));
    const all = new Map([...byPosition, ...fetched.map((message) => [message.position, message] as const)]);
    return head.outstanding
      .map((position) => all.get(position))
      .filter((message) => message !== undefined)
      .filter((message) => message.expiresAt > now / 1_000);
  }
}

/** With so many messages, the work on them takes longer than a turn. */
const MANY = 20;

/** Milliseconds, with full jitter, so that syncs that collided do not collide again. */
const backOff = (attempt: number): number => Math.random() * Math.min(200, 5 * 2 ** attempt);
