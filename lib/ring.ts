import { type Fingerprint, fingerprintOf, type Position, prefixOf, type SortablePrefix } from "./ids.ts";
import { LIMITS } from "./limits.ts";

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
export function settle(ring: Ring, justSettled: readonly Position[], evidence: Evidence): Ring {
  const fresh = justSettled.map(fingerprintOf);
  const all = [...new Set([...fresh, ...ring.settled])];
  const isGone = goneBy(evidence);
  const settled: Fingerprint[] = [];
  let horizon = ring.horizon;
  for (const [age, fingerprint] of all.entries()) {
    const keep = age < LIMITS.settledKept || (settled.length < LIMITS.settledMost && !isGone(fingerprint));
    if (keep) settled.push(fingerprint);
    else if (prefixOf(fingerprint) > horizon) horizon = prefixOf(fingerprint);
  }
  return { settled, horizon };
}

/**
 * Forgets messages that a batch had and that are past their retention: they were handed out, and nobody has confirmed
 * them. If their senders put them back they go out once more, flagged.
 */
export function forget(ring: Ring, positions: readonly Position[]): Ring {
  const prefixes = positions.map((position) => prefixOf(fingerprintOf(position)));
  return { settled: ring.settled, horizon: [ring.horizon, ...prefixes].toSorted().at(-1) ?? "" };
}

/** Whether the channel may have handed the message out before, and forgotten that it did. */
export const mayRepeat = (position: Position, horizon: SortablePrefix): boolean =>
  prefixOf(fingerprintOf(position)) <= horizon;

function goneBy({ positions, complete }: Evidence): (fingerprint: Fingerprint) => boolean {
  const inPage = new Set(positions.map(fingerprintOf));
  const last = positions.at(-1);
  const lastPrefix = last === undefined ? "" : prefixOf(fingerprintOf(last));
  return (fingerprint) => !inPage.has(fingerprint) && (complete || prefixOf(fingerprint) < lastPrefix);
}
