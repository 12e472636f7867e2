import { LIMITS } from "../contract/limits.ts";
import { DEVICE_PREFIX, deviceKey, userOwner } from "../database/account-keys.ts";
import type { AccountsTable, Stored } from "../database/accounts-table.ts";
import { deleteRecord, deleteRecords } from "../database/delete-record.ts";
import { findRecords } from "../database/find-records.ts";
import { putRecord } from "../database/put-record.ts";
import { updateRecord } from "../database/update-record.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";

/** The device has a name, and has not left since. */
const IS_THERE = "attribute_exists(#owner)";

/** How people tell a device from others. */
export interface DeviceName {
  /** As its login called it; empty if it gave no name. */
  readonly name: string;
  /** What its client said of itself; empty if nothing. */
  readonly userAgent: string;
}

/**
 * What devices are called. Apart from the map of devices, which each send reads. A name whose device has left says nothing:
 * the map alone tells which devices there are.
 */
export class DeviceNames {
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /** Kept for `LIMITS.devices.nameKept`. One write unit. */
  async set(userId: string, deviceId: string, { name, userAgent }: DeviceName): Promise<void> {
    const attributes = { name: name || undefined, userAgent: userAgent || undefined, expiresAt: this.#expiry() };
    await putRecord(this.#table, { ...deviceKey(userId, deviceId), ...attributes });
  }

  /** Keeps the name for as long again; there is nothing to do if there is none. One write unit. */
  async keep(userId: string, deviceId: string): Promise<void> {
    await updateRecord(this.#table, deviceKey(userId, deviceId), {
      update: "SET #expiresAt = :expiresAt",
      condition: IS_THERE,
      values: { expiresAt: this.#expiry() },
    });
  }

  /** By the device's id. Strongly consistent. */
  async list(userId: string): Promise<ReadonlyMap<string, DeviceName>> {
    const stored = await this.#find(userId);
    return new Map(
      stored.map(({ record, name = "", userAgent = "" }) => [record.slice(DEVICE_PREFIX.length), { name, userAgent }]),
    );
  }

  async remove(userId: string, deviceId: string): Promise<void> {
    await deleteRecord(this.#table, deviceKey(userId, deviceId));
  }

  async removeAll(userId: string): Promise<void> {
    await deleteRecords(this.#table, await this.#find(userId));
  }

  #expiry(): number {
    return epochSeconds(this.#now() + LIMITS.devices.nameKept);
  }

  #find(userId: string): Promise<Stored<DeviceName>[]> {
    return findRecords(this.#table, { owner: userOwner(userId), prefix: DEVICE_PREFIX, consistent: true });
  }
}
