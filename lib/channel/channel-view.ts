import { LIMITS } from "../contract/limits.ts";
import { type Fingerprint, fingerprintOf, type Position, prefixOf, sortablePrefixOf } from "../runtime/ids.ts";
import { answerBytes } from "./answer-bytes.ts";
import type { Page } from "./channel-store.ts";
import { type Head, NO_HEAD } from "./head.ts";
import type { Missed } from "./missed.ts";
import { capHorizon } from "./ring.ts";
import type { StoredMessage } from "./stored-message.ts";

/** A page of a channel, its messages classified by what the head says of them. */
export interface ChannelView {
  readonly head: Head;
  /** The head exists. Without it, `head` is that of a channel which has never handed anything out. */
  readonly hasHead: boolean;
  /** May be handed out: neither settled nor expired. The batch that is out is among them. */
  readonly waiting: readonly StoredMessage[];
  /** Settled already: to be deleted, never to be handed out. */
  readonly dead: readonly Position[];
  /** Past their retention: to be deleted unless their sender puts them back meanwhile. */
  readonly expired: readonly Position[];
  /** The channel was full when messages were sent, and no client has acknowledged that. */
  readonly missed: Missed | undefined;
  /** All messages in the page. */
  readonly positions: readonly Position[];
  readonly byPosition: ReadonlyMap<Position, StoredMessage>;
  /** Nothing lies behind the page. */
  readonly complete: boolean;
  /** When it was classified, in milliseconds since the epoch. */
  readonly now: number;
}

export function classify({ head, missed, messages, complete }: Page, now: number): ChannelView {
  const isSettled = findIn(head?.settled ?? []);
  const waiting: StoredMessage[] = [];
  const dead: Position[] = [];
  const expired: Position[] = [];
  for (const message of messages) {
    if (isSettled(message.position)) dead.push(message.position);
    else if (message.expiresAt <= now / 1_000) expired.push(message.position);
    else waiting.push(message);
  }
  return {
    head: head === undefined ? NO_HEAD : bound(head, now),
    hasHead: head !== undefined,
    waiting,
    dead,
    expired,
    missed,
    positions: messages.map(({ position }) => position),
    byPosition: new Map(messages.map((message) => [message.position, message])),
    complete,
    now,
  };
}

/** Tells whether a position is among those of these fingerprints. Hashes only one whose prefix is there: few positions share it. */
function findIn(fingerprints: readonly Fingerprint[]): (position: Position) => boolean {
  const known = new Set(fingerprints);
  const prefixes = new Set(fingerprints.map(prefixOf));
  return (position) => prefixes.has(sortablePrefixOf(position)) && known.has(fingerprintOf(position));
}

/** The head as this version would have written it. */
const bound = (head: Head, now: number): Head =>
  head.bounded ? head : { ...head, horizon: capHorizon(head.horizon, now), bounded: true };

/** Whether a batch is out, or a message may be handed out. */
export const hasMessages = ({ head, waiting }: ChannelView): boolean => head.outstanding.length + waiting.length > 0;

/** How many messages a sync reads: the batch that it may settle, and the next one. */
export const pageSize = (limit: number): number => 2 * limit + LIMITS.pageSlack;

/** The next batch: the first messages, bounded in number and in bytes of the answer. If any message waits, it has at least one. */
export function nextBatch(waiting: readonly StoredMessage[], limit: number): StoredMessage[] {
  const batch: StoredMessage[] = [];
  let bytes = 0;
  for (const message of waiting.slice(0, limit)) {
    bytes += answerBytes(message);
    if (bytes > LIMITS.batchBytes && batch.length > 0) break;
    batch.push(message);
  }
  return batch;
}
