import { SHARED_DEVICE } from "../contract/devices.ts";
import { LIMITS } from "../contract/limits.ts";
import { sessionKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { updateRecord } from "../database/update-record.ts";
import { bestEffort } from "../runtime/best-effort.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import type { CheckedSession } from "../tokens/session-check.ts";
import type { Caller } from "../tokens/tokens.ts";
import { type DeviceMap, dayOf } from "./device-map.ts";
import type { Devices } from "./device-store.ts";
import type { HandOver } from "./hand-over.ts";
import { decideSeen } from "./seen-decision.ts";

/**
 * The session goes on, on the device that was read. Without the first clause a session that has ended comes back; without the
 * others one that has moved to another device would end.
 */
const IS_ON_DEVICE =
  "attribute_exists(#owner) AND (#device = :device OR (:device = :shared AND attribute_not_exists(#device)))";

/** Nobody has told the session of another device that leaves. */
const IS_ON_DEVICE_AND_TOLD_ONCE = `${IS_ON_DEVICE} AND #heir = :heir`;

/**
 * What a sync does for the devices of its user: once a day it notes that its device was seen, and on a device that takes over what
 * waits on another one it does a bounded step of that. The session's record tells whether there is anything to do, so that all
 * other syncs read nothing more.
 */
export class Presence {
  readonly #table: AccountsTable;
  readonly #devices: Devices;
  readonly #handOver: HandOver;
  readonly #now: Clock;

  constructor(table: AccountsTable, devices: Devices, handOver: HandOver, now: Clock) {
    this.#table = table;
    this.#devices = devices;
    this.#handOver = handOver;
    this.#now = now;
  }

  /**
   * A session whose device is gone ends: nothing would ever come for it. Never fails, and takes `LIMITS.devices.handOverBound` at
   * most, and less where the answer is due before: what is left is done by the next sync.
   *
   * @param session As it was read a moment ago.
   * @param answerBy When the sync has to be answered, in milliseconds since the epoch.
   */
  async refresh(caller: Caller, session: CheckedSession, answerBy: number): Promise<void> {
    const today = dayOf(this.#now());
    const isNewDay = (session.seen ?? 0) < today;
    if (!isNewDay && session.heir === undefined) return;
    const { handOverBound, answerMargin } = LIMITS.devices;
    const bound = Math.min(handOverBound, answerBy - answerMargin - this.#now());
    if (bound <= 0) return;
    await bestEffort("note that a device was seen", bound, () => this.#refresh(caller, session, today, isNewDay));
  }

  async #refresh(caller: Caller, session: CheckedSession, today: number, isNewDay: boolean): Promise<void> {
    const map = isNewDay ? await this.#see(caller, today) : await this.#devices.read(caller.userId);
    if (map === undefined) return this.#endSession(caller);
    const left = await this.#handOver.step(caller.userId, map, this.#now() + LIMITS.devices.handOverTime);
    if (isNewDay) await this.#storeDay(caller, today, session.heir === undefined && hasWork(left));
    if (session.heir !== undefined && !this.#mayHaveMore(left, session.heir)) await this.#endHeir(caller, session.heir);
  }

  /** @returns `undefined` if the device is gone. */
  async #see({ userId, deviceId: id = SHARED_DEVICE, channel }: Caller, today: number): Promise<DeviceMap | undefined> {
    const decided = await this.#devices.change(userId, (stored) => decideSeen(stored, { id, channel }, today));
    return decided?.kind === "seen" ? decided.map : undefined;
  }

  /** The mark of a device that leaves is written after its heir is told, and a request ends long before `heirKept`. */
  #mayHaveMore(map: DeviceMap, since: number): boolean {
    return hasWork(map) || this.#now() < since + LIMITS.devices.heirKept;
  }

  /** @param isHeir Something is left to do for another device, and this session was not told of it: its syncs go on with it, too. */
  #storeDay(caller: Caller, seen: number, isHeir: boolean): Promise<boolean> {
    const set = isHeir ? { seen, heir: this.#now() } : { seen };
    const assignments = Object.keys(set).map((name) => `#${name} = :${name}`);
    return this.#change(caller, `SET ${assignments.join(", ")}`, IS_ON_DEVICE, set);
  }

  #endHeir(caller: Caller, heir: number): Promise<boolean> {
    return this.#change(caller, "REMOVE #heir", IS_ON_DEVICE_AND_TOLD_ONCE, { heir });
  }

  /** Past, also by a clock that is behind; but not by years, or DynamoDB never deletes it. */
  async #endSession(caller: Caller): Promise<void> {
    const expiresAt = epochSeconds(this.#now() - LIMITS.clocksApart);
    await this.#change(caller, "SET #expiresAt = :expiresAt", IS_ON_DEVICE, { expiresAt });
  }

  #change(
    { userId, sessionId, deviceId = SHARED_DEVICE }: Caller,
    update: string,
    condition: string,
    values: Readonly<Record<string, number>>,
  ): Promise<boolean> {
    const all = { device: deviceId, shared: SHARED_DEVICE, ...values };
    return updateRecord(this.#table, sessionKey(userId, sessionId), { update, condition, values: all });
  }
}

/** Whether a sync has something to finish: it can end no sessions. */
const hasWork = ({ devices }: DeviceMap): boolean => devices.some(({ leaving, ended }) => leaving || ended);
