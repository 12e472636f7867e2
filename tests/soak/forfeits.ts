/** A sync without `ack` whose answer nobody heard. It may have settled up to `limit` messages. */
export interface UnheardSync {
  readonly receiverId: string;
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
export function capacityIn(syncs: readonly UnheardSync[]): (receiverId: string, began: number) => boolean {
  const used = new Map<string, number>();
  return (receiverId, began) => {
    const able = syncs.filter((sync) => sync.receiverId === receiverId && sync.ended + GRACE_MS >= began);
    const capacity = able.reduce((sum, { limit }) => sum + limit, 0);
    const count = (used.get(receiverId) ?? 0) + 1;
    if (count > capacity) return false;
    used.set(receiverId, count);
    return true;
  };
}
