import { SHARED_DEVICE } from "../contract/devices.ts";
import { DONE, type Success } from "./answer.ts";
import { ProblemError } from "./errors.ts";
import { inPath } from "./in-path.ts";
import type { LoginIds } from "./login-ids.ts";
import { isPersonal, type ListedDevice, named, readDevices, readSession, type Session } from "./model.ts";
import type { CallOptions, OwnDevice } from "./options.ts";
import type { OwnCalls } from "./own-calls.ts";

const DEVICES: Success<readonly ListedDevice[]> = { success: 200, read: readDevices };

/** Whether the server is older than devices: it has no such route. */
const isTooOld = (error: unknown): boolean => error instanceof ProblemError && error.code === "not_found";

/** Whether the session is on the device. */
const isOn = (deviceId: string, session: Session): boolean => deviceId === (session.deviceId ?? SHARED_DEVICE);

/** The requests about the user's own devices. */
export class Devices {
  readonly #own: OwnCalls;
  readonly #loginIds: LoginIds;

  constructor(own: OwnCalls, loginIds: LoginIds) {
    this.#own = own;
    this.#loginIds = loginIds;
  }

  /**
   * Gives this session a device of its own if it is on the shared one, as sessions of older clients are. If no
   * other session shares that device, it becomes this session's own. Else the session gets a new one, with a copy of what waits on
   * the shared one. Does nothing if the session has a device of its own, or the server is too old for devices.
   *
   * The session goes on under a new token. Save it. If no answer arrives, only a repeat with the same `loginId` can go
   * on: give your own if another process may have to repeat it.
   *
   * @throws ProblemError `too_many_devices` (409): remove one first
   * @example
   * ```ts
   * const session = await client.moveToOwnDevice({ deviceName: "Bob's laptop" });
   * localStorage.setItem("session", JSON.stringify(session));
   * ```
   */
  async moveToOwnDevice({ deviceName, loginId, ...options }: OwnDevice): Promise<Session> {
    const before = this.#own.session;
    if (isPersonal(before.deviceId)) return before;
    // A session that has moved has another token, so that no other move is taken for a repeat.
    const id = loginId ?? this.#loginIds.begin(before.token);
    const session = await this.#move(before, { deviceName, loginId: id, options });
    this.#own.replace(before, session);
    return session;
  }

  /**
   * Lists the user's devices, the oldest first. Empty on a server that is too old for devices.
   *
   * @example
   * ```ts
   * for (const { deviceId, name, lastSeen, current } of await client.devices()) {
   *   console.log(deviceId, name, lastSeen, current ? "this one" : "");
   * }
   * ```
   */
  async devices(options: CallOptions = {}): Promise<readonly ListedDevice[]> {
    return withDefault(this.#own.send({ method: "GET", path: "/devices", ...DEVICES }, options), []);
  }

  /**
   * Removes one of the user's devices, and ends its sessions. What waits on it alone goes to another device, or waits for
   * the next login with a `deviceName`. If it is the device of this client, its session has ended.
   *
   * @throws ProblemError `unknown_device` (404)
   * @example
   * ```ts
   * const lost = (await client.devices()).find(({ name }) => name === "Bob's phone");
   * if (lost !== undefined) await client.removeDevice(lost.deviceId);
   * ```
   */
  async removeDevice(deviceId: string, options: CallOptions = {}): Promise<void> {
    const { session } = this.#own;
    const isOwn = isOn(deviceId, session);
    const path = `/devices/${inPath(deviceId, "unknown_device", "You have no such device.")}`;
    const call = { method: "DELETE", path, ...DONE } as const;
    // A repeat finds no device, or no session if it was this one's, once an attempt without an answer has removed it.
    await this.#own.sendUncertain(call, options, ({ code }) =>
      code === "unknown_device" || (code === "invalid_token" && isOwn) ? true : undefined,
    );
    if (isOwn) this.#own.replace(session);
  }

  async #move(before: Session, { deviceName, loginId, options }: Move): Promise<Session> {
    const body = { id: before.id, deviceName, loginId };
    const moved: Success<Session> = { success: 200, read: named(before.username, readSession) };
    const call = this.#own.send({ method: "POST", path: "/devices", body, ...moved }, options);
    // The chain of receipts goes on.
    return { ...(await withDefault(call, before)), receipt: before.receipt };
  }
}

interface Move {
  readonly deviceName: string;
  readonly loginId: string;
  readonly options: CallOptions;
}

/** The result of a request; from a server that is older than devices, the default. */
const withDefault = <T>(answer: Promise<T>, value: T): Promise<T> =>
  answer.catch((error: unknown) => {
    if (isTooOld(error)) return value;
    throw error;
  });
