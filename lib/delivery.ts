import type { ChannelStore, HeadOutcome } from "./channel-store.ts";
import { type ChannelView, look, pageSize, take } from "./channel-view.ts";
import type { Clock } from "./clock.ts";
import { Unavailable } from "./errors.ts";
import { digestOf, extendLineage, fateOf, type Head, newWrite } from "./head.ts";
import { newOpaqueId, type Position } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { log } from "./log.ts";
import { type Count, countNothing } from "./metrics.ts";
import { mayRepeat, settle } from "./ring.ts";
import { type Sleep, sleep } from "./sleep.ts";
import type { StoredMessage } from "./stored-message.ts";

/*
 * The delivery protocol: a channel, its head, and how messages go off it. How they come onto it is in `sending.ts`.
 *
 * - A message is an item of the receiver's channel. It is deleted only once it is *settled*: delivered for good.
 * - One *batch* at a time is out. The head names it by a *receipt* and lists its messages by their keys.
 * - A client that shows that receipt as `ack` settles the batch, and is handed the next one in the same write.
 * - A client that shows the `ack` which took the batch out has missed the answer, and gets the same batch again.
 * - Anybody else waits until the batch's *lease* is over; then the same batch goes out again, exactly as it was, flagged.
 * - A sync without `ack` settles its messages in the very write that takes them.
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
}

export interface DeliveredMessage extends StoredMessage {
  /** It may have been handed out before; its message id and sender tell. */
  readonly redelivered: boolean;
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

/** A write of the head, and what follows once it applied. */
interface Advance {
  readonly write: string;
  /** The lineage of the head that it replaces. */
  readonly base: string;
  readonly next: Head;
  /** Dead, expired or settled by the write. */
  readonly deletes: readonly Position[];
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
   * @throws {Unavailable} Too many other syncs came in between, or the database is out of reach. The same sync may be
   * tried again; with `ack` nothing can be lost by that.
   */
  async sync(request: SyncRequest): Promise<SyncAnswer> {
    const open: Advance[] = [];
    for (let round = 0; round < LIMITS.syncAttempts; round++) {
      if (round > 0) await this.#sleep(backOff(round));
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
    const view = look(page, this.#now());
    const applied = resolveFates(open, view.head, request);
    if (applied) return this.#finish(request, applied);

    const decision = decide(view.head, request.ack, this.#now());
    if (decision.kind === "wait") return this.#held(request, view);
    if (decision.kind === "replay") return this.#replay(request, view);
    const advance = await this.#plan(request, view, decision);
    if (advance === undefined) return this.#nothing(request, view);

    await request.authorize?.();
    const outcome = await this.#write(request, view, advance);
    if (outcome === "written") return this.#finish(request, advance);
    if (outcome === "unknown") open.push(advance);
    return undefined;
  }

  /** A live batch of another client: its messages come first, so there is nothing to do but wait. */
  #held(request: SyncRequest, { head }: ChannelView): SyncAnswer {
    const retryAfter = Math.max(1, Math.ceil((head.leaseExpiresAt - this.#now()) / 1_000));
    return { messages: [], receipt: request.ack ?? newOpaqueId(), more: false, retryAfter };
  }

  async #nothing(request: SyncRequest, view: ChannelView): Promise<SyncAnswer> {
    if (view.dead.length > 0) await request.authorize?.();
    await this.#delete(request.receiverId, view.dead);
    return { messages: [], receipt: request.ack ?? newOpaqueId(), more: !view.complete };
  }

  /**
   * The answer that took the batch out was lost: the same batch, the same receipt, no write, except to renew a lease of
   * which less than half is left. `undefined` if the head changed meanwhile.
   */
  async #replay(request: SyncRequest, view: ChannelView): Promise<SyncAnswer | undefined> {
    await request.authorize?.();
    const { head } = view;
    const messages = await this.#outstanding(request.receiverId, view);
    const outstanding = new Set(head.outstanding);
    const answer = {
      messages: flag(messages, head, head.reissued),
      receipt: head.receipt ?? newOpaqueId(),
      more: !view.complete || view.waiting.some(({ position }) => !outstanding.has(position)),
    };
    if (head.leaseExpiresAt - this.#now() >= LIMITS.lease / 2) return this.#replayed(answer);
    const renewed = {
      ...head,
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

  /** The next write of the head; `undefined` when there is nothing to settle and nothing to hand out. */
  async #plan(
    request: SyncRequest,
    view: ChannelView,
    decision: Exclude<Decision, { kind: "replay" | "wait" }>,
  ): Promise<Advance | undefined> {
    const { head } = view;
    const confirmed = decision.kind === "advance" ? decision.confirmed : [];
    // Exactly what was out, by its own keys: the page may not reach so far, and may hold what was never handed out.
    const again = decision.kind === "reissue" ? await this.#outstanding(request.receiverId, view) : [];
    const reissued = again.length > 0;
    const confirmedSet = new Set(confirmed);
    const unconfirmed = view.waiting.filter(({ position }) => !confirmedSet.has(position));
    const batch = reissued ? again : take(unconfirmed, request.limit);
    if (batch.length === 0 && confirmed.length === 0) return undefined;

    const { ack } = request;
    const taken = batch.map(({ position }) => position);
    const justSettled = ack === undefined ? [...confirmed, ...taken] : confirmed;
    const handsOut = batch.length > 0 && ack !== undefined;
    const receipt = handsOut ? newOpaqueId() : (ack ?? newOpaqueId());
    const write = newWrite();
    const ring = settle(head, justSettled, view);
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
      deletes: [...view.dead, ...justSettled],
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

  async #finish(request: SyncRequest, { deletes, answer, settles, reissued }: Advance): Promise<SyncAnswer> {
    this.#count("MessagesSettled", settles);
    this.#count("LeaseExpiries", reissued ? 1 : 0);
    this.#countHandedOut(
      answer.messages,
      answer.messages.filter(({ redelivered }) => redelivered),
    );
    await this.#delete(request.receiverId, deletes);
    return answer;
  }

  /** @param again Those of them that were handed out before, or may have been. */
  #countHandedOut(messages: readonly StoredMessage[], again: readonly StoredMessage[]): void {
    this.#count("MessagesDelivered", messages.length - again.length);
    this.#count("MessagesRedelivered", again.length);
    const oldest = Math.min(...again.map(({ sentAt }) => sentAt));
    if (again.length > 0) this.#count("RedeliveryAge", this.#now() - oldest);
  }

  /** Never fails: what stays behind is in the ring, so that it is not handed out again, and a later sync sweeps it. */
  async #delete(receiverId: string, positions: readonly Position[]): Promise<void> {
    const unique = [...new Set(positions)];
    try {
      await this.#store.delete(receiverId, unique);
    } catch (error) {
      log("warn", "settled messages are left to a later sync", { count: unique.length }, error);
    }
  }

  /** The messages of the batch that is out which still exist, in their order; from the page as far as it reaches. */
  async #outstanding(receiverId: string, { head, byPosition, now }: ChannelView): Promise<StoredMessage[]> {
    const missing = head.outstanding.filter((position) => !byPosition.has(position));
    const fetched = await this.#store.fetch(receiverId, missing);
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

const flag = (messages: readonly StoredMessage[], head: Head, reissued: boolean): DeliveredMessage[] =>
  messages.map((message) => ({ ...message, redelivered: reissued || mayRepeat(message.position, head.horizon) }));

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
