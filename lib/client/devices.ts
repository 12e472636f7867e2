import { SHARED_DEVICE } from "../contract/devices.ts";
import { DONE, type Success } from "./answer.ts";
import type { Call, Calls } from "./calls.ts";
import { ProblemError } from "./errors.ts";
import { isPersonal, type ListedDevice, named, readDevices, readSession, type Session } from "./model.ts";
import type { CallOptions } from "./options.ts";

const DEVICES: Success<readonly ListedDevice[]> = { success: 200, read: readDevices };

/** Whether the server is older than devices: it has no such route. */
const isTooOld = (error: unknown): boolean => error instanceof ProblemError && error.code === "not_found";

/** The requests about the user's own devices. */
export class Devices {
  readonly #calls: Calls;
  readonly #session: Session;

  constructor(calls: Calls, session: Session) {
    this.#calls = calls;
    this.#session = session;
  }

  /** Empty on a server that is older than devices. */
  list(options: CallOptions): Promise<readonly ListedDevice[]> {
    return withDefault(this.#calls.send(this.#own({ method: "GET", path: "/devices", ...DEVICES }), options), []);
  }

  /** A repeat finds no device, or no session if it was this one's, once an attempt without an answer has removed it. */
  async remove(deviceId: string, options: CallOptions): Promise<void> {
    const call = this.#own({ method: "DELETE", path: `/devices/${encodeURIComponent(deviceId)}`, ...DONE });
    await this.#calls.sendUncertain(call, options, ({ code }) =>
      code === "unknown_device" || (code === "invalid_token" && this.isOwn(deviceId)) ? true : undefined,
    );
  }

  /** Whether this session is on the device. */
  isOwn(deviceId: string): boolean {
    return deviceId === (this.#session.deviceId ?? SHARED_DEVICE);
  }

  /** The session as it goes on: unchanged if it has a device of its own, or the server is older than devices. */
  async makeOwn(deviceName: string, loginId: string, options: CallOptions): Promise<Session> {
    const session = this.#session;
    if (isPersonal(session.deviceId)) return session;
    const body = { id: session.id, deviceName, loginId };
    const moved: Success<Session> = { success: 200, read: named(session.username, readSession) };
    const call = this.#own({ method: "POST", path: "/devices", body, ...moved });
    const result = await withDefault(this.#calls.send(call, options), session);
    // The chain of receipts goes on.
    return { ...result, receipt: session.receipt };
  }

  #own<T>(call: Call<T>): Call<T> {
    return { ...call, token: this.#session.token };
  }
}

/** The result of a request; from a server that is older than devices, the default. */
const withDefault = <T>(answer: Promise<T>, value: T): Promise<T> =>
  answer.catch((error: unknown) => {
    if (isTooOld(error)) return value;
    throw error;
  });
