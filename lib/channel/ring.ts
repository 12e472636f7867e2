import { LIMITS } from "../contract/limits.ts";
import {
  type Fingerprint,
  fingerprintOf,
  lastPrefixAt,
  type Position,
  prefixOf,
  prefixTime,
  type SortablePrefix,
  sortablePrefixOf,
} from "../runtime/ids.ts";
import { addTo, covers, type Span } from "./spans.ts";
import type { StoredMessage } from "./stored-message.ts";

/*
 * A message of the far future has an id whose time lies more than `LIMITS.horizonAhead` ahead of the server's. `send` refuses
 * such ids. They are on a channel all the same if an older version took them, or if the server's clock was ahead.
 *
 * When the ring forgets such a message, the horizon must not rise to it: that would flag every other message until then. It
 * must not be forgotten either: once its time has come, `send` takes it again. So the head keeps it in `ahead`, exactly,
 * until its time has come; then the horizon covers it.
 */

/** What the head remembers of the settled messages, and how far it has forgotten. */
export interface Ring {
  /** Newest first. */
  readonly settled: readonly Fingerprint[];
  readonly horizon: SortablePrefix;
  /** What it has forgotten of the far future, in order. At most `LIMITS.spansAhead`: then neighbours become one span. */
  readonly ahead: readonly Span[];
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
 * complete, or not in the page although it sorts before the page's last item. An item in the page with the same prefix may be it.
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
  return { settled, ...remember(ring, forgotten, evidence.now) };
}

/**
 * Raises the horizon over messages that a batch had and that are past their retention: they were handed out, and nobody
 * has confirmed them. If their senders put them back they go out again, flagged.
 *
 * @param now In milliseconds since the epoch.
 */
export function raiseHorizonOver(ring: Ring, positions: readonly Position[], now: number): Ring {
  return { settled: ring.settled, ...remember(ring, positions.map(sortablePrefixOf), now) };
}

/**
 * Lowers a horizon of the far future to the highest one that messages of the present can have led to. Only heads of older versions
 * need this: there a single message could raise the horizon, and everything after it goes out flagged. Once
 * `LIMITS.horizonAhead` has passed since the first head that is written with the result, new messages go out unflagged
 * again. The price: a message of the far future that an older version has itself forgotten is not known any more.
 *
 * @param now In milliseconds since the epoch.
 */
export function capHorizon(horizon: SortablePrefix, now: number): SortablePrefix {
  const ceiling = ceilingAt(now);
  return horizon > ceiling ? ceiling : horizon;
}

/**
 * Whether the channel may have handed the message out before, and forgotten that it did. Also of each message that was of
 * the far future when it was stored: an older version may have forgotten it.
 */
export function mayRepeat(
  { position, sentAt }: Pick<StoredMessage, "position" | "sentAt">,
  { horizon, ahead }: Pick<Ring, "horizon" | "ahead">,
): boolean {
  const prefix = sortablePrefixOf(position);
  return prefix <= horizon || covers(ahead, prefix) || prefixTime(prefix) > sentAt + LIMITS.horizonAhead;
}

/** The last prefix that is not of the far future, seen from a time in milliseconds since the epoch. */
const ceilingAt = (time: number): SortablePrefix => lastPrefixAt(time + LIMITS.horizonAhead);

/** What is known of the forgotten messages after these are forgotten. */
function remember(
  { horizon, ahead }: Pick<Ring, "horizon" | "ahead">,
  forgotten: readonly SortablePrefix[],
  now: number,
): Pick<Ring, "horizon" | "ahead"> {
  const ceiling = ceilingAt(now);
  const [far = [], near = []] = [true, false].map((isFar) => forgotten.filter((prefix) => prefix > ceiling === isFar));
  const spans = addTo(ahead, far, LIMITS.spansAhead);
  // Not a moment before: the horizon flags whatever lies before it.
  const hasCome = ({ last }: Span): boolean => last <= lastPrefixAt(now);
  const come = spans.filter(hasCome).map(({ last }) => last);
  return {
    horizon: [...near, ...come].reduce((last, prefix) => (prefix > last ? prefix : last), horizon),
    ahead: spans.filter((span) => !hasCome(span)),
  };
}

function goneBy({ positions, complete }: Evidence): (fingerprint: Fingerprint) => boolean {
  const inPage = new Set(positions.map(sortablePrefixOf));
  const last = positions.at(-1);
  const lastPrefix = last === undefined ? "" : sortablePrefixOf(last);
  return (fingerprint) => {
    const prefix = prefixOf(fingerprint);
    return !inPage.has(prefix) && (complete || prefix < lastPrefix);
  };
}
