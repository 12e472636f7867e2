/** A sync without `ack` whose answer nobody heard. It may have settled up to `limit` messages. */
export interface UnheardSync {
  /** What has a channel of its own, as in the ledger. */
  readonly place: string;
  readonly limit: number;
  /** When its client gave it up, in milliseconds since the start. */
  readonly ended: number;
}

/** The server may carry a request out after its client has gone: it waits for a free worker at most so long. */
const GRACE_MS = 60_000;

/**
 * Accounts for the messages that the contract gives up: each unheard sync excuses as many missing messages as it may have
 * taken, of those that were sent before it was over.
 *
 * @returns a function that says whether a missing message is excused; to be asked for the latest message first
 */
export function capacityIn(syncs: readonly UnheardSync[]): (place: string, began: number) => boolean {
  const used = new Map<string, number>();
  return (place, began) => {
    const able = syncs.filter((sync) => sync.place === place && sync.ended + GRACE_MS >= began);
    const capacity = able.reduce((sum, { limit }) => sum + limit, 0);
    const count = (used.get(place) ?? 0) + 1;
    if (count > capacity) return false;
    used.set(place, count);
    return true;
  };
}
