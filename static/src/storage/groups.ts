import { allOrNothing } from "./atomic.ts";
import type { KnownGroup } from "./records.ts";
import { isRecord } from "./safely.ts";
import type { Database, StateValue } from "./stores.ts";

const PREFIX = "group/";

const keyOf = (groupId: string): string => PREFIX + groupId;

const isKnownGroup = (value: StateValue | undefined): value is KnownGroup =>
  isRecord(value, "groupId", "name") && Array.isArray((value as KnownGroup).members);

/** All groups that this device knows, also those that the user is in no more. */
export async function knownGroups(database: Database): Promise<KnownGroup[]> {
  const range = IDBKeyRange.bound(PREFIX, `${PREFIX}\uffff`);
  return (await database.getAll("state", range)).filter(isKnownGroup);
}

export async function knownGroup(database: Database, groupId: string): Promise<KnownGroup | undefined> {
  const stored = await database.get("state", keyOf(groupId));
  return isKnownGroup(stored) ? stored : undefined;
}

/**
 * Changes what is known of a group, all or nothing. The first time the group gets a line in the list; later the person may have
 * deleted that.
 *
 * @param change Returns what it is given where there is nothing to change.
 * @param isBegun Whether it is known that the user has made or joined the group. It is kept in its line.
 * @returns whether something has changed
 */
export async function changeGroup(
  database: Database,
  groupId: string,
  change: (known: KnownGroup | undefined) => KnownGroup | undefined,
  isBegun = false,
): Promise<boolean> {
  const transaction = database.transaction(["state", "conversations"], "readwrite");
  const [state, lines] = [transaction.objectStore("state"), transaction.objectStore("conversations")];
  return allOrNothing(transaction, async () => {
    const [stored, line] = await Promise.all([state.get(keyOf(groupId)), lines.get(groupId)]);
    const known = isKnownGroup(stored) ? stored : undefined;
    const changed = change(known);
    if (changed === undefined || changed === known) return false;
    const { name, gone } = changed;
    const isNowBegun = isBegun && line?.isBegun !== true;
    const isFirst = line === undefined && known === undefined && gone === undefined;
    await Promise.all([
      state.put(changed, keyOf(groupId)),
      isFirst && lines.put({ peerId: groupId, name, unread: 0, ...(isBegun && { isBegun }) }),
      line !== undefined &&
        (line.name !== name || isNowBegun) &&
        lines.put({ ...line, name, ...(isNowBegun && { isBegun: true as const }) }),
    ]);
    return true;
  });
}
