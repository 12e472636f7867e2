import { LIMITS } from "../contract/limits.ts";
import { backlogAttributes, isBacklogAttribute, profileKey } from "../database/account-keys.ts";
import type { AccountsTable, Stored } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import { updateRecord } from "../database/update-record.ts";
import type { Clock } from "../runtime/clock.ts";
import { Unavailable } from "../runtime/errors.ts";
import { type Sleep, sleep } from "../runtime/sleep.ts";
import { type DeviceMap, dayOf, readMap, type StoredMap, toStored, withThere } from "./device-map.ts";

/** The user exists, and nobody has stored a map. Without the first clause a deleted user comes back. */
const NO_MAP = "attribute_exists(#owner) AND attribute_not_exists(devicesVersion)";

/** The user exists, and nobody has changed the map. Without the second clause a device that left comes back. */
const MAP_IS_AS_READ = "attribute_exists(#owner) AND devicesVersion = :seen";

/** A decision on a map. */
export interface Decided {
  /** The map as it is to be; `undefined`, or the map that was read, if nothing is to change. */
  readonly map?: DeviceMap | undefined;
}

/** The maps of users' devices, as they are stored. */
export class Devices {
  readonly #table: AccountsTable;
  readonly #now: Clock;
  readonly #sleep: Sleep;

  constructor(table: AccountsTable, now: Clock, pause: Sleep = sleep) {
    this.#table = table;
    this.#now = now;
    this.#sleep = pause;
  }

  /**
   * Strongly consistent: an older map lacks a device that has just come. One read unit for each 4 KB.
   *
   * @returns `undefined` if there is no such user.
   */
  async read(userId: string): Promise<DeviceMap | undefined> {
    const stored = await this.#readProfile(userId);
    return stored && this.#mapOf(stored);
  }

  /**
   * Changes the map: read, decide, conditional write; again if another one has changed it meanwhile. The decision must give
   * the same again on a map that it has changed already, as the answer to a write may be lost.
   *
   * @returns The last decision, with its map as it is stored. `undefined` if there is no such user.
   * @throws {Unavailable} Others changed it each time, or the database is out of reach; the change may have applied.
   */
  async change<Decision extends Decided>(
    userId: string,
    decide: (map: DeviceMap) => Decision,
  ): Promise<Decision | undefined> {
    for (let round = 0; round < LIMITS.devices.attempts; round++) {
      if (round > 0) await this.#sleep(Math.random() * 5 * 2 ** round);
      const stored = await this.#readProfile(userId);
      if (stored === undefined) return undefined;
      const read = this.#mapOf(stored);
      const readAt = this.#now();
      const decision = decide(read);
      if (decision.map === undefined || decision.map === read) return decision;
      const next = withThere(read, decision.map, readAt);
      const version = (read.version ?? 0) + 1;
      if (await this.#write(userId, read, next, staleCounts(stored, read, next)))
        return { ...decision, map: { ...next, version } };
    }
    throw new Unavailable("the devices were changed by others each time");
  }

  /**
   * Notes which devices were there when the map was read, as each change does. One write unit, and none where all are noted. It
   * stores no map for a profile that has none.
   *
   * @param read The map as it was read a moment ago.
   * @returns The map as it is stored; as it was read, if another change came first: that one has noted it.
   * @throws {Unavailable} The database is out of reach.
   */
  async stampThere(userId: string, read: DeviceMap): Promise<DeviceMap> {
    const { version, devices } = read;
    if (version === undefined || devices.every(({ there }) => there !== undefined)) return read;
    const next = withThere(read, read, this.#now());
    return (await this.#write(userId, read, next, [])) ? { ...next, version: version + 1 } : read;
  }

  #readProfile(userId: string): Promise<Stored<StoredMap> | undefined> {
    return getRecord<StoredMap>(this.#table, profileKey(userId), { consistent: true });
  }

  #mapOf(stored: Partial<StoredMap>): DeviceMap {
    return readMap(stored, dayOf(this.#now()));
  }

  /** @param stale Attributes of the profile that are removed with the write. */
  #write(userId: string, read: DeviceMap, next: DeviceMap, stale: readonly string[]): Promise<boolean> {
    const { devices, devicesVersion } = toStored(next);
    const names = Object.fromEntries(stale.map((attribute, at) => [`#count${at}`, attribute]));
    const remove = stale.length > 0 ? ` REMOVE ${Object.keys(names).join()}` : "";
    return updateRecord(this.#table, profileKey(userId), {
      update: `SET #devices = :devices, devicesVersion = :next${remove}`,
      condition: read.version === undefined ? NO_MAP : MAP_IS_AS_READ,
      values: { devices, next: devicesVersion, seen: read.version },
      names,
    });
  }
}

/**
 * The message counts of channels that no device has: nobody else would remove them. Those of the devices that leave now, and what
 * a send has noted after its device left.
 */
function staleCounts(stored: object, read: DeviceMap, next: DeviceMap): string[] {
  const countsOf = ({ devices }: DeviceMap): string[] =>
    devices.flatMap(({ channel }) => Object.values(backlogAttributes(channel)));
  const noted = Object.keys(stored).filter(isBacklogAttribute);
  const kept = new Set(countsOf(next));
  return [...new Set([...noted, ...countsOf(read)])].filter((name) => !kept.has(name));
}
