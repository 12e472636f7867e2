import { SHARED_DEVICE } from "../contract/devices.ts";
import { sessionKey } from "../database/account-keys.ts";
import { type AccountsTable, isCurrent } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import { updateRecord } from "../database/update-record.ts";
import { type DeviceMap, withDevice } from "../devices/device-map.ts";
import type { Devices } from "../devices/device-store.ts";
import type { Clock } from "../runtime/clock.ts";
import type { PushSubscription, SessionAttributes } from "../tokens/session-check.ts";
import type { Caller } from "../tokens/tokens.ts";
import type { PushTarget } from "./push-event.ts";

/** The session goes on, on the same device. Without these clauses a logout that comes in between is undone, in a part. */
const GOES_ON = "attribute_exists(#owner) AND #device = :device";

/** Nobody has subscribed anew. */
const IS_SAME = "attribute_exists(#owner) AND #push.#endpoint = :endpoint";

/** A session, as a token or the map of devices names it. */
type Subscriber = Pick<Caller, "userId" | "sessionId" | "deviceId">;

/**
 * The push subscriptions. Each is kept in the record of its session, so that it ends with it however that ends: by a logout, a
 * removal of the device, another login there, a new password, or its time.
 *
 * The map of devices has a mark on the device. A send reads the map in any case, and so needs no call to know whom to push to. The
 * mark may be there without a subscription, never the other way round for long: a function that finds none removes the mark.
 */
export class Subscriptions {
  readonly #table: AccountsTable;
  readonly #devices: Devices;
  readonly #now: Clock;

  constructor(table: AccountsTable, devices: Devices, now: Clock) {
    this.#table = table;
    this.#devices = devices;
    this.#now = now;
  }

  /**
   * Stores a subscription in the place of the one before.
   *
   * @returns Whether the session has a device of its own, and is still there.
   */
  async set(subscriber: Subscriber, push: PushSubscription): Promise<boolean> {
    const { userId, sessionId, deviceId: device } = subscriber;
    if (device === undefined || device === SHARED_DEVICE) return false;
    const change = { update: "SET #push = :push", condition: GOES_ON, values: { push, device } };
    if (!(await updateRecord(this.#table, sessionKey(userId, sessionId), change))) return false;
    return this.#mark(subscriber, true);
  }

  /** Ends the subscription of a session; there is nothing to do if it has none. */
  async remove(subscriber: Subscriber): Promise<void> {
    const { userId, sessionId, deviceId: device } = subscriber;
    if (device === undefined || device === SHARED_DEVICE) return;
    await this.#mark(subscriber, undefined);
    const change = { update: "REMOVE #push", condition: GOES_ON, values: { device } };
    await updateRecord(this.#table, sessionKey(userId, sessionId), change);
  }

  /** The subscription of a device; `undefined` if its session has none, has ended, or is on another device. One read unit. */
  async find({ userId, sessionId, deviceId }: PushTarget): Promise<PushSubscription | undefined> {
    const key = sessionKey(userId, sessionId);
    const session = await getRecord<SessionAttributes>(this.#table, key, { consistent: true });
    return isCurrent(session, this.#now()) && session.device === deviceId ? session.push : undefined;
  }

  /** Removes a subscription that the push service does not know any more, unless the browser has subscribed anew. */
  async removeGone(target: PushTarget, { endpoint }: PushSubscription): Promise<void> {
    const change = { update: "REMOVE #push", condition: IS_SAME, values: { endpoint } };
    if (await updateRecord(this.#table, sessionKey(target.userId, target.sessionId), change)) await this.unmark(target);
  }

  /** Takes the mark off a device that has no subscription. */
  async unmark(target: PushTarget): Promise<void> {
    await this.#mark(target, undefined);
    // One that has come in between has found its mark there, and lost it.
    if ((await this.find(target)) !== undefined) await this.#mark(target, true);
  }

  /** @returns Whether the map has such a device. */
  async #mark({ userId, sessionId, deviceId }: Subscriber, push: true | undefined): Promise<boolean> {
    const marked = await this.#devices.change(userId, (map) => withMark(map, sessionId, deviceId, push));
    return marked?.isThere === true;
  }
}

/** The map with the mark of a session's own device; the same map if it is so already. */
function withMark(map: DeviceMap, session: string, id: string | undefined, push: true | undefined) {
  const device = map.devices.find((one) => one.session === session && one.id === id && !one.shared);
  if (device === undefined) return { map, isThere: false };
  return { map: device.push === push ? map : withDevice(map, device, { ...device, push }), isThere: true };
}
