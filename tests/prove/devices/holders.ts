import { hash } from "node:crypto";
import { SHARED_DEVICE } from "../../../lib/contract/devices.ts";
import { type Device, type DeviceMap, isInUse } from "../../../lib/devices/device-map.ts";
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
      if (!this.#isLive(caller)) continue;
      const { userId, deviceId, channel } = caller;
      const device = deviceOn(watch.mapOf(userId), channelKey(userId, channel));
      const isThere = device !== undefined && isInUse(device) && device.id === deviceId;
      ledger.check(isThere, `SOUND: ${client} is logged in on ${deviceId}, which is not in the map of devices`);
      this.#checkAlone(caller, () => true);
    }
  }

  /** What has to hold of every change of a map, whatever became of the clients. */
  checkMaps(userId: string): void {
    const maps = this.#world.watch.mapsOf(userId).map(({ map }) => map);
    for (const [at, map] of maps.entries()) {
      this.#checkRepeats(map);
      for (const device of map.devices) this.#checkTaken(device, maps[at - 1]);
    }
  }

  /** A repeat of a login gets the device of its first try. */
  #checkRepeats({ devices }: DeviceMap): void {
    const logins = devices.filter((device) => isInUse(device) && !device.shared).map(({ login }) => login);
    this.#world.ledger.check(new Set(logins).size === logins.length, "REPEAT: one login has got two devices");
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
