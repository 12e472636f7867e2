import { LIMITS } from "../contract/limits.ts";
import {
  type Fingerprint,
  fingerprintOf,
  lastPrefixAt,
  type Position,
  prefixOf,
  type SortablePrefix,
} from "../runtime/ids.ts";
import type { StoredMessage } from "./stored-message.ts";

/*
 * A message of the far future has an id whose time lies more than `LIMITS.horizonAhead` after the time at which the server
 * stored it. `send` refuses such ids; older versions took them, and they may still lie on a channel. Each of them goes out
 * flagged, by itself. So it need not raise the horizon when it is forgotten, which would flag every other message.
 */

/** What the head remembers of the settled messages, and how far it has forgotten. */
export interface Ring {
  /** Newest first. */
  readonly settled: readonly Fingerprint[];
  readonly horizon: SortablePrefix;
}

/** What the page of a sync shows of the channel; enough to prove that an item is gone. */
export interface Evidence {
  readonly positions: readonly Position[];
  readonly complete: boolean;
  /** When it was read, in milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Adds the messages that are settled now, and forgets what may be forgotten: all but the newest
 * `LIMITS.settledKept`, if the page proves their items gone. An item is proven gone if it is not in a page that is
 * complete, or not in the page although it sorts before the page's last item.
 *
 * What is forgotten raises the horizon. A send that is retried so late that its message was settled and forgotten puts
 * the item back; it lies at or before the horizon then, and so goes out flagged and not as new. The same makes it safe
 * to cut the ring at `LIMITS.settledMost`, whatever the page proves: senders with odd clocks cannot let it grow.
 */
export function addSettled(ring: Ring, justSettled: readonly Position[], evidence: Evidence): Ring {
  const fresh = justSettled.map(fingerprintOf);
  const all = [...new Set([...fresh, ...ring.settled])];
  const isGone = goneBy(evidence);
  const settled: Fingerprint[] = [];
  const forgotten: SortablePrefix[] = [];
  for (const [age, fingerprint] of all.entries()) {
    const keep = age < LIMITS.settledKept || (settled.length < LIMITS.settledMost && !isGone(fingerprint));
    if (keep) settled.push(fingerprint);
    else forgotten.push(prefixOf(fingerprint));
  }
  return { settled, horizon: raise(ring.horizon, forgotten, evidence.now) };
}

/**
 * Raises the horizon over messages that a batch had and that are past their retention: they were handed out, and nobody
 * has confirmed them. If their senders put them back they go out again, flagged.
 *
 * @param now In milliseconds since the epoch.
 */
export function raiseHorizonOver(ring: Ring, positions: readonly Position[], now: number): Ring {
  const prefixes = positions.map((position) => prefixOf(fingerprintOf(position)));
  return { settled: ring.settled, horizon: raise(ring.horizon, prefixes, now) };
}

/**
 * Takes a horizon of the far future back to what the other messages can have made of it. Older versions stored such
 * horizons, and with one of them everything goes out flagged. Once `LIMITS.horizonAhead` has passed since the first head
 * that is written with the result, new messages go out unflagged again.
 *
 * @param now In milliseconds since the epoch.
 */
export function capHorizon(horizon: SortablePrefix, now: number): SortablePrefix {
  const ceiling = ceilingAt(now);
  return horizon > ceiling ? ceiling : horizon;
}

/** Whether the channel may have handed the message out before, and forgotten that it did. */
export function mayRepeat(
  { position, sentAt }: Pick<StoredMessage, "position" | "sentAt">,
  horizon: SortablePrefix,
): boolean {
  const prefix = prefixOf(fingerprintOf(position));
  return prefix <= horizon || prefix > ceilingAt(sentAt);
}

/** The last prefix that is not of the far future, seen from a time in milliseconds since the epoch. */
const ceilingAt = (time: number): SortablePrefix => lastPrefixAt(time + LIMITS.horizonAhead);

/** The horizon after these are forgotten. What is of the far future does not count. */
function raise(horizon: SortablePrefix, forgotten: readonly SortablePrefix[], now: number): SortablePrefix {
  const ceiling = ceilingAt(now);
  return [horizon, ...forgotten.filter((prefix) => prefix <= ceiling)].toSorted().at(-1) ?? "";
}

function goneBy({ positions, complete }: Evidence): (fingerprint: Fingerprint) => boolean {
  const inPage = new Set(positions.map(fingerprintOf));
  const last = positions.at(-1);
  const lastPrefix = last === undefined ? "" : prefixOf(fingerprintOf(last));
  return (fingerprint) => !inPage.has(fingerprint) && (complete || prefixOf(fingerprint) < lastPrefix);
}
