import { LIMITS } from "../contract/limits.ts";
import type { Position } from "../runtime/ids.ts";
import { type ChannelView, nextBatch } from "./channel-view.ts";
import { digestOf, extendLineage, type Head } from "./head.ts";
import { missedFlag, noticeOf } from "./notice.ts";
import { addSettled, mayRepeat, raiseHorizonOver } from "./ring.ts";
import type { DeliveredMessage, StoredMessage } from "./stored-message.ts";

/*
 * What a sync has to do, as values: nothing here reads a clock, a random number or the database. The reading and writing
 * around it is in `delivery.ts`, where the protocol is described.
 */

export interface SyncAnswer {
  readonly messages: readonly DeliveredMessage[];
  readonly receipt: string;
  /** Another sync would find something at once. */
  readonly more: boolean;
  /** Seconds until another client's batch is free. */
  readonly retryAfter?: number;
  /** The channel was full when further messages were sent. They are not on it. */
  readonly missed?: true;
}

/** What a sync has to do, seen from the `ack` that it shows and the batch that is out. */
export type Decision =
  | { readonly kind: "replay" }
  | { readonly kind: "wait" }
  | { readonly kind: "reissue" }
  | { readonly kind: "advance"; readonly confirmed: readonly Position[] };

/** What a client asks for. */
export interface BatchRequest {
  /** The last receipt that reached the client. Without it the messages are settled at once. */
  readonly ack?: string | undefined;
  /** Messages to hand out, at most. */
  readonly limit: number;
}

/** What is new in this round: random names, and the time in milliseconds since the epoch. */
export interface Fresh {
  /** Names a write of the head. */
  readonly write: string;
  /** Names a batch. */
  readonly receipt: string;
  readonly now: number;
}

/** What a sync leaves behind it on the channel. */
export interface Leaves {
  /** Settled, before or by the sync. */
  readonly dead: readonly Position[];
  readonly expired: readonly Position[];
  /** The mark of the item `#missed`, if a client has acknowledged it, or it is past its retention. */
  readonly missed?: string | undefined;
}

/** A write of the head, and what follows once it applied. */
export interface Advance {
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

/** The batch that is out, handed out again under its receipt. */
export interface Replay {
  readonly answer: SyncAnswer;
  /** The head that has to be written before; `undefined` if none has. */
  readonly renewed: Head | undefined;
}

/**
 * The protocol's table: the `ack` that is shown against the batch that is out.
 *
 * @param now Milliseconds since the epoch.
 */
export function decide(head: Head, ack: string | undefined, now: number): Decision {
  if (head.outstanding.length === 0) return { kind: "advance", confirmed: [] };
  if (ack !== undefined && ack === head.receipt) return { kind: "advance", confirmed: head.outstanding };
  if (ack !== undefined && digestOf(ack) === head.previous) return { kind: "replay" };
  if (head.leaseExpiresAt > now) return { kind: "wait" };
  return { kind: "reissue" };
}

/** A live batch of another client: its messages come first, so there is nothing to do but wait. */
export function answerWait(head: Head, ack: string | undefined, { receipt, now }: Fresh): SyncAnswer {
  const retryAfter = Math.max(1, Math.ceil((head.leaseExpiresAt - now) / 1_000));
  return { messages: [], receipt: ack ?? receipt, more: false, retryAfter };
}

/** What a sync leaves behind it that has nothing to settle, nothing to hand out and nothing to tell. */
export function leavesOf(view: ChannelView, ack: string | undefined, { now }: Fresh): Leaves {
  return { dead: view.dead, expired: view.expired, missed: noticeOf(view, ack, now, true).ends };
}

/** Nothing to settle and nothing to hand out. */
export const answerNothing = (view: ChannelView, ack: string | undefined, { receipt }: Fresh): SyncAnswer => ({
  messages: [],
  receipt: ack ?? receipt,
  more: !view.complete,
});

/**
 * The same batch under the same receipt, flagged: nobody can tell whether the answer that took it out was lost, or its
 * client has processed it and died. No write, except to renew a lease of which less than half is left, or to take out
 * of the batch what is past its retention.
 *
 * @param messages What is left of the batch.
 */
export function planReplay(view: ChannelView, messages: readonly StoredMessage[], fresh: Fresh): Replay {
  const { head } = view;
  const outstanding = new Set(head.outstanding);
  const answer = {
    messages: flag(messages, head, true),
    receipt: head.receipt ?? fresh.receipt,
    more: !view.complete || view.waiting.some(({ position }) => !outstanding.has(position)),
    ...missedFlag(head.told),
  };
  const overdue = without(head.outstanding, messages);
  const isFine = overdue.length === 0 && head.leaseExpiresAt - fresh.now >= LIMITS.lease / 2;
  if (isFine) return { answer, renewed: undefined };
  const renewed = {
    ...head,
    ...raiseHorizonOver(head, overdue, view.now),
    outstanding: messages.map(({ position }) => position),
    lineage: extendLineage(head.lineage, fresh.write),
    leaseExpiresAt: fresh.now + LIMITS.lease,
  };
  return { answer, renewed };
}

/**
 * The next write of the head; `undefined` when there is nothing to settle, nothing to hand out, nothing to tell and nothing to
 * forget.
 *
 * @param settled The batch that is out, if it is confirmed.
 * @param again What is left of it, if it is not.
 */
export function planAdvance(
  view: ChannelView,
  { ack, limit }: BatchRequest,
  settled: readonly Position[] | undefined,
  again: readonly StoredMessage[],
  fresh: Fresh,
): Advance | undefined {
  const { head } = view;
  const confirmed = settled ?? [];
  // They are not settled: a sender who puts one back is told that it is received.
  const overdue = settled === undefined ? without(head.outstanding, again) : [];
  const reissued = again.length > 0;
  const confirmedSet = new Set(confirmed);
  const unconfirmed = view.waiting.filter(({ position }) => !confirmedSet.has(position));
  const batch = reissued ? again : nextBatch(unconfirmed, limit);
  const { tells, ends } = noticeOf(view, ack, fresh.now, batch.length === 0);
  if (batch.length + confirmed.length + overdue.length === 0 && tells === undefined) return undefined;
  const taken = batch.map(({ position }) => position);
  const justSettled = ack === undefined ? [...confirmed, ...taken] : confirmed;
  const handsOut = (batch.length > 0 || tells !== undefined) && ack !== undefined;
  const receipt = handsOut ? fresh.receipt : (ack ?? fresh.receipt);
  const ring = addSettled(raiseHorizonOver(head, overdue, view.now), justSettled, view);
  const takenSet = new Set(taken);
  return {
    write: fresh.write,
    base: head.lineage,
    next: {
      lineage: extendLineage(head.lineage, fresh.write),
      ...(handsOut ? { receipt, previous: digestOf(ack), outstanding: taken, told: tells } : NOTHING_OUT),
      leaseExpiresAt: fresh.now + LIMITS.lease,
      reissued: handsOut && reissued,
      ...ring,
      bounded: true,
    },
    leaves: { dead: [...view.dead, ...justSettled], expired: view.expired, missed: ends },
    answer: {
      messages: flag(batch, head, reissued),
      receipt,
      more: !view.complete || unconfirmed.some(({ position }) => !takenSet.has(position)),
      ...missedFlag(tells),
    },
    settles: justSettled.length,
    reissued,
  };
}

const NOTHING_OUT = { receipt: undefined, previous: undefined, outstanding: [], told: undefined } as const;

/** Those of a batch that are not among what is left of it. */
function without(batch: readonly Position[], left: readonly StoredMessage[]): Position[] {
  const positions = new Set(left.map(({ position }) => position));
  return batch.filter((position) => !positions.has(position));
}

/** @param wereOut The batch was out before on this channel. */
const flag = (messages: readonly StoredMessage[], head: Head, wereOut: boolean): DeliveredMessage[] =>
  messages.map((message) => ({
    ...message,
    redelivered: wereOut || message.wasOut === true || mayRepeat(message, head),
  }));
