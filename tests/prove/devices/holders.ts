import { hash } from "node:crypto";
import { SHARED_DEVICE } from "../../../lib/contract/devices.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { type Device, type DeviceMap, isDormant, isInUse } from "../../../lib/devices/device-map.ts";
import { channelKey } from "../../../lib/runtime/ids.ts";
import type { Caller } from "../../../lib/tokens/tokens.ts";
import { deviceOn } from "./device-ledger.ts";
import type { DeviceWorld } from "./device-world.ts";

/** Which session each client uses: it has heard the answer to its login. */
export class Holders {
  readonly #world: DeviceWorld;
  readonly #callers = new Map<string, Caller>();
  /** By the form of a login's id that the map has: the client that has logged in with it. */
  readonly #logins = new Map<string, string>();

  constructor(world: DeviceWorld) {
    this.#world = world;
  }

  /** A client begins to log in, and repeats that with the same id. */
  begin(client: string, loginId: string): void {
    this.#logins.set(hash("sha256", loginId, "base64url").slice(0, 22), client);
  }

  /** A client has heard that it is logged in. */
  take(client: string, caller: Caller): void {
    this.#callers.set(client, caller);
    // A session on the shared device may be about to be ended by the request that has just taken its channel.
    this.#checkAlone(caller, ({ deviceId = SHARED_DEVICE }) => deviceId !== SHARED_DEVICE);
  }

  drop(client: string): void {
    this.#callers.delete(client);
  }

  /** The ids of a user's devices that somebody is logged in on. */
  devicesOf(userId: string): string[] {
    return this.#live(userId).map(([, { deviceId = SHARED_DEVICE }]) => deviceId);
  }

  /** To be called when everything has come to rest. */
  checkAll(): void {
    const { ledger, watch } = this.#world;
    for (const [client, caller] of this.#callers) {
      if (!this.#isLive(caller) || this.#world.groups.isClosing(caller.userId)) continue;
      const { userId, deviceId, channel } = caller;
      const device = deviceOn(watch.mapOf(userId), channelKey(userId, channel));
      const isThere = device !== undefined && isInUse(device) && device.id === deviceId;
      ledger.check(isThere, `SOUND: ${client} is logged in on ${deviceId}, which is not in the map of devices`);
      this.#checkAlone(caller, () => true);
    }
  }

  /** What has to hold of every change of a map, whatever became of the clients. */
  checkMaps(userId: string): void {
    const came = new Map<string | undefined, number>();
    let earlier: DeviceMap | undefined;
    for (const { map, time } of this.#world.watch.mapsOf(userId)) {
      for (const { channel } of map.devices) if (!came.has(channel)) came.set(channel, time);
      this.#checkRepeats(map);
      this.#checkSingle(map);
      for (const device of map.devices) {
        this.#checkTaken(device, earlier);
        this.#checkHeir(device, map, time, (heir) => came.get(heir.channel) ?? time);
      }
      earlier = map;
    }
  }

  #checkSingle({ devices }: DeviceMap): void {
    const counts = {
      dormant: devices.filter(isDormant).length,
      leaving: devices.filter(({ leaving }) => leaving).length,
      shared: devices.filter((device) => device.shared && isInUse(device)).length,
    };
    const isSingle = Object.values(counts).every((count) => count <= 1);
    this.#world.ledger.check(isSingle, `SINGLE: there are at once ${JSON.stringify(counts)}`);
  }

  /** A send that does not know of the heir may be under way for as long as a request takes. */
  #checkHeir(device: Device, { devices }: DeviceMap, time: number, cameOf: (heir: Device) => number): void {
    if (!device.leaving) return;
    const heir = devices.find(({ came }) => came === device.heir);
    const age = heir && time - cameOf(heir);
    const isSettled = age !== undefined && age >= LIMITS.requestTime;
    this.#world.ledger.check(isSettled, `HEIR: a device leaves to one that is in the map for ${age} ms`);
  }

  /** A repeat of a login gets the device of its first try. */
  #checkRepeats({ devices }: DeviceMap): void {
    const logins = devices.filter((device) => isInUse(device) && !device.shared).map(({ login }) => login);
    this.#world.ledger.check(new Set(logins).size === logins.length, "ALONE: one login has got two devices");
  }

  /** A personal device that somebody uses goes to no other client before it has ended. */
  #checkTaken({ channel, login, shared }: Device, earlier: DeviceMap | undefined): void {
    const before = earlier?.devices.find((one) => one.channel === channel);
    if (before === undefined || !isInUse(before) || before.shared || shared || before.login === login) return;
    const [one, other] = [before.login, login].map((id) => this.#logins.get(id ?? ""));
    this.#world.ledger.check(one === other, `ALONE: the device of ${one} was given to ${other}`);
  }

  #checkAlone({ userId, channel }: Caller, counts: (caller: Caller) => boolean): void {
    const { ledger, watch } = this.#world;
    const key = channelKey(userId, channel);
    if (deviceOn(watch.mapOf(userId), key)?.shared) return;
    const clients = this.#live(userId).filter(([, caller]) => caller.channel === channel && counts(caller));
    ledger.check(clients.length <= 1, `ALONE: ${clients.map(([client]) => client).join(" and ")} are both on ${key}`);
  }

  #live(userId: string): [string, Caller][] {
    return [...this.#callers].filter(([, caller]) => caller.userId === userId && this.#isLive(caller));
  }

  /** Its session goes on, on the device that its token names. */
  #isLive({ sessionId, deviceId, channel }: Caller): boolean {
    const session = this.#world.watch.session(sessionId, this.#world.time);
    return session?.deviceId === deviceId && session?.channel === channel;
  }
}
