import { LIMITS } from "../contract/limits.ts";
import type { Clock } from "../runtime/clock.ts";
import { Unavailable } from "../runtime/errors.ts";
import { newOpaqueId, type Position } from "../runtime/ids.ts";
import { log } from "../runtime/log.ts";
import { type Count, countNothing } from "../runtime/metrics.ts";
import { type Sleep, sleep } from "../runtime/sleep.ts";
import type { ChannelStore, HeadOutcome } from "./channel-store.ts";
import { type ChannelView, look, pageSize, take } from "./channel-view.ts";
import { digestOf, extendLineage, fateOf, type Head, newWrite } from "./head.ts";
import { forget, mayRepeat, settle } from "./ring.ts";
import { type DeliveredMessage, type StoredMessage, storedBytes } from "./stored-message.ts";

/*
 * The delivery protocol: a channel, its head, and how messages go off it. How they come onto it is in `sending.ts`.
 *
 * - A message is an item of the receiver's channel. It is deleted only once it is *settled*: delivered for good.
 * - One *batch* at a time is out. The head names it by a *receipt* and lists its messages by their keys.
 * - A client that shows that receipt as `ack` settles the batch, and is handed the next one in the same write.
 * - A client that shows the `ack` which took the batch out gets the same batch again, flagged: it missed the answer, or it
 *   died between processing the batch and saving the receipt.
 * - Anybody else waits until the batch's *lease* is over; then the same batch goes out again, exactly as it was, flagged.
 * - A sync without `ack` settles its messages in the very write that takes them. While such a write may still arrive, the
 *   sync never answers that there is nothing: it fails.
 * - Every change is one conditional write of the head. Deletes come after it; what they miss, a later sync sweeps.
 */

export interface SyncRequest {
  readonly receiverId: string;
  /** The last receipt that reached the client. Without it the messages are settled at once. */
  readonly ack?: string | undefined;
  /** Messages to hand out, at most. */
  readonly limit: number;
  /**
   * Awaited before anything is written or handed out, and anew after each write of the head that failed: whoever wrote it
   * meanwhile may have ended the session as well. Its rejection ends the sync without a trace.
   */
  readonly authorize?: () => Promise<unknown>;
  /** Awaited after it, before a batch is handed out again to a client that shows the same `ack` again. */
  readonly authorizeReplay?: () => Promise<unknown>;
  /** Told of the bytes that each read of the channel took. */
  readonly onRead?: (bytes: number) => void;
  /**
   * When nobody waits for the answer any more, in milliseconds since the epoch. Nothing is begun from then on: it would
   * take messages that were sent after whoever asked was told to try again.
   */
  readonly answerBy?: number;
}

export interface SyncAnswer {
  readonly messages: readonly DeliveredMessage[];
  readonly receipt: string;
  /** Another sync would find something at once. */
  readonly more: boolean;
  /** Seconds until another client's batch is free. */
  readonly retryAfter?: number;
}

/** What a sync has to do, seen from the `ack` that it shows and the batch that is out. */
type Decision =
  | { readonly kind: "replay" }
  | { readonly kind: "wait" }
  | { readonly kind: "reissue" }
  | { readonly kind: "advance"; readonly confirmed: readonly Position[] };

/** What a sync leaves behind it on the channel. */
interface Leaves {
  /** Settled, before or by the sync. */
  readonly dead: readonly Position[];
  readonly expired: readonly Position[];
}

/** A write of the head, and what follows once it applied. */
interface Advance {
  readonly write: string;
  /** The lineage of the head that it replaces. */
  readonly base: string;
  readonly next: Head;
  /** What is to be deleted after it. */
  readonly leaves: Leaves;
  readonly answer: SyncAnswer;
  /** How many messages it settles. */
  readonly settles: number;
  /** The batch was out before, and its lease ran out. */
  readonly reissued: boolean;
}

export class Delivery {
  readonly #store: ChannelStore;
  readonly #now: Clock;
  readonly #sleep: Sleep;
  readonly #count: Count;

  constructor(store: ChannelStore, now: Clock, pause: Sleep = sleep, count: Count = countNothing) {
    this.#store = store;
    this.#now = now;
    this.#sleep = pause;
    this.#count = count;
  }

  /**
   * Takes messages off the channel: read, one conditional write, delete. Nothing to settle and nothing to hand out is
   * answered by the read alone.
   *
   * @throws {Unavailable} Too many other syncs came in between, the database is out of reach, or a settling write may
   * still arrive. The same sync may be tried again; with `ack` nothing can be lost by that.
   */
  async sync(request: SyncRequest): Promise<SyncAnswer> {
    const open: Advance[] = [];
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
  async #round(request: SyncRequest, open: Advance[]): Promise<SyncAnswer | undefined> {
    const page = await this.#store.read(request.receiverId, pageSize(request.limit));
    request.onRead?.(storedBytes(page.messages));
    const view = look(page, this.#now());
    const applied = resolveFates(open, view.head, request);
    if (applied) return this.#finish(request, applied);

    const decision = decide(view.head, request.ack, this.#now());
    if (decision.kind === "wait") return this.#held(request, view, open);
    // Exactly what was out, by its own keys: the page may not reach so far, and may hold what was never handed out.
    const again = decision.kind === "advance" ? [] : await this.#outstanding(request, view);
    if (decision.kind === "replay" && again.length > 0) return this.#replay(request, view, again, open);
    const advance = this.#plan(request, view, decision.kind === "advance" ? decision.confirmed : undefined, again);
    if (advance === undefined) return this.#nothing(request, view, open);

    await this.#permit(request, open);
    const outcome = await this.#write(request, view, advance);
    if (outcome === "written") return this.#finish(request, advance);
    if (outcome === "unknown") open.push(advance);
    return undefined;
  }

  /** To be awaited before anything is written or handed out. */
  async #permit(request: SyncRequest, open: readonly Advance[], isReplay = false): Promise<void> {
    try {
      await request.authorize?.();
      if (isReplay) await request.authorizeReplay?.();
    } catch (error) {
      // A refusal says that nothing has happened.
      requireNothingOpen(request, open);
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

  /** A live batch of another client: its messages come first, so there is nothing to do but wait. */
  #held(request: SyncRequest, { head }: ChannelView, open: readonly Advance[]): SyncAnswer {
    requireNothingOpen(request, open);
    const retryAfter = Math.max(1, Math.ceil((head.leaseExpiresAt - this.#now()) / 1_000));
    return { messages: [], receipt: request.ack ?? newOpaqueId(), more: false, retryAfter };
  }

  async #nothing(request: SyncRequest, view: ChannelView, open: readonly Advance[]): Promise<SyncAnswer> {
    requireNothingOpen(request, open);
    if (view.dead.length + view.expired.length > 0) {
      await this.#permit(request, open);
      await this.#sweep(request, view);
    }
    return { messages: [], receipt: request.ack ?? newOpaqueId(), more: !view.complete };
  }

  /**
   * The same batch under the same receipt, flagged: nobody can tell whether the answer that took it out was lost, or its
   * client has processed it and died. No write, except to renew a lease of which less than half is left, or to take out
   * of the batch what is past its retention. `undefined` if the head changed meanwhile.
   *
   * @param messages What is left of the batch.
   */
  async #replay(
    request: SyncRequest,
    view: ChannelView,
    messages: readonly StoredMessage[],
    open: readonly Advance[],
  ): Promise<SyncAnswer | undefined> {
    await this.#permit(request, open, true);
    const { head } = view;
    const outstanding = new Set(head.outstanding);
    const answer = {
      messages: flag(messages, head, true),
      receipt: head.receipt ?? newOpaqueId(),
      more: !view.complete || view.waiting.some(({ position }) => !outstanding.has(position)),
    };
    const overdue = without(head.outstanding, messages);
    if (overdue.length === 0 && head.leaseExpiresAt - this.#now() >= LIMITS.lease / 2) return this.#replayed(answer);
    const renewed = {
      ...head,
      ...forget(head, overdue, view.now),
      outstanding: messages.map(({ position }) => position),
      lineage: extendLineage(head.lineage, newWrite()),
      leaseExpiresAt: this.#now() + LIMITS.lease,
    };
    const outcome = await this.#store.writeHead(request.receiverId, head, renewed);
    return outcome === "written" ? this.#replayed(answer) : undefined;
  }

  #replayed(answer: SyncAnswer): SyncAnswer {
    this.#countHandedOut(answer.messages, answer.messages);
    return answer;
  }

  /**
   * The next write of the head; `undefined` when there is nothing to settle, nothing to hand out and nothing to forget.
   *
   * @param settled The batch that is out, if it is confirmed.
   * @param again What is left of it, if it is not.
   */
  #plan(
    request: SyncRequest,
    view: ChannelView,
    settled: readonly Position[] | undefined,
    again: readonly StoredMessage[],
  ): Advance | undefined {
    const { head } = view;
    const confirmed = settled ?? [];
    // They are not settled: whoever puts one back is told that it is received.
    const overdue = settled === undefined ? without(head.outstanding, again) : [];
    const reissued = again.length > 0;
    const confirmedSet = new Set(confirmed);
    const unconfirmed = view.waiting.filter(({ position }) => !confirmedSet.has(position));
    const batch = reissued ? again : take(unconfirmed, request.limit);
    if (batch.length + confirmed.length + overdue.length === 0) return undefined;

    const { ack } = request;
    const taken = batch.map(({ position }) => position);
    const justSettled = ack === undefined ? [...confirmed, ...taken] : confirmed;
    const handsOut = batch.length > 0 && ack !== undefined;
    const receipt = handsOut ? newOpaqueId() : (ack ?? newOpaqueId());
    const write = newWrite();
    const ring = settle(forget(head, overdue, view.now), justSettled, view);
    const takenSet = new Set(taken);
    return {
      write,
      base: head.lineage,
      next: {
        lineage: extendLineage(head.lineage, write),
        receipt: handsOut ? receipt : undefined,
        previous: handsOut ? digestOf(ack) : undefined,
        outstanding: handsOut ? taken : [],
        leaseExpiresAt: this.#now() + LIMITS.lease,
        reissued: handsOut && reissued,
        ...ring,
      },
      leaves: { dead: [...view.dead, ...justSettled], expired: view.expired },
      answer: {
        messages: flag(batch, head, reissued),
        receipt,
        more: !view.complete || unconfirmed.some(({ position }) => !takenSet.has(position)),
      },
      settles: justSettled.length,
      reissued,
    };
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
    await this.#sweep(request, leaves);
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
  async #sweep({ receiverId, answerBy }: SyncRequest, { dead, expired }: Leaves): Promise<void> {
    const settled = [...new Set(dead)];
    const signal = AbortSignal.timeout(Math.min(LIMITS.sweepTime, Math.max(0, this.#timeUntil(answerBy))));
    try {
      await Promise.all([
        this.#store.delete(receiverId, settled, signal),
        this.#store.deleteExpired(receiverId, expired, this.#now(), signal),
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

/** The protocol's table: the `ack` that is shown against the batch that is out. */
function decide(head: Head, ack: string | undefined, now: number): Decision {
  if (head.outstanding.length === 0) return { kind: "advance", confirmed: [] };
  if (ack !== undefined && ack === head.receipt) return { kind: "advance", confirmed: head.outstanding };
  if (ack !== undefined && digestOf(ack) === head.previous) return { kind: "replay" };
  if (head.leaseExpiresAt > now) return { kind: "wait" };
  return { kind: "reissue" };
}

/** Those of a batch that are not among what is left of it. */
function without(batch: readonly Position[], left: readonly StoredMessage[]): Position[] {
  const positions = new Set(left.map(({ position }) => position));
  return batch.filter((position) => !positions.has(position));
}

/** @param wereOut The batch was out before. */
const flag = (messages: readonly StoredMessage[], head: Head, wereOut: boolean): DeliveredMessage[] =>
  messages.map((message) => ({ ...message, redelivered: wereOut || mayRepeat(message, head.horizon) }));

/** Milliseconds, with full jitter, so that syncs that collided do not collide again. */
const backOff = (attempt: number): number => Math.random() * Math.min(200, 5 * 2 ** attempt);

/**
 * What became of the writes that were left open: the one that applied, if one did. Those that may yet arrive stay in
 * `open`.
 *
 * @throws {Unavailable} Nobody can tell any more. To go on would hand out other messages, and drop in silence those that
 * the write may have settled.
 */
function resolveFates(open: Advance[], { lineage }: Head, { ack }: SyncRequest): Advance | undefined {
  const fates = Map.groupBy(open, ({ write, base }) => fateOf(write, base, lineage));
  const [applied] = fates.get("applied") ?? [];
  if (applied) return applied;
  if (ack === undefined && fates.has("forgotten")) throw new Unavailable("the fate of a settling write is unknown");
  open.splice(0, open.length, ...(fates.get("open") ?? []));
  return undefined;
}

/**
 * To be called before a sync answers that it has taken nothing. A settling write that arrives after such an answer would
 * take its messages along in silence.
 *
 * @throws {Unavailable} One of the sync's own settling writes may still arrive.
 */
function requireNothingOpen({ ack }: SyncRequest, open: readonly Advance[]): void {
  if (ack === undefined && open.length > 0) throw new Unavailable("a settling write may still arrive");
}
