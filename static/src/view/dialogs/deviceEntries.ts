import { isPersonal, type ListedDevice, type ListedSession } from "../../../../lib/client/index.ts";
import { deviceOf, lastSeen, nameOfDevice } from "../../text/devices.ts";
import { dateAndTime } from "../../text/times.ts";

/** A line of the list of devices. */
export interface DeviceEntry {
  /** `device`: `id` is the device's. `login`: `id` is the id of a session on the device that several logins share. */
  readonly kind: "device" | "login";
  readonly id: string;
  readonly name: string;
  /** When it was used, in words. */
  readonly seen: string;
  /** It is this browser. */
  readonly isCurrent: boolean;
}

/**
 * The lines of the list, the newest device last. The logins of the shared device stand below it. Those of a server that
 * knows no devices stand alone.
 */
export function entriesOf(devices: readonly ListedDevice[], sessions: readonly ListedSession[]): DeviceEntry[] {
  const logins = sessions.filter(({ deviceId }) => !isPersonal(deviceId)).map(ofSession);
  const [own, shared] = [devices.filter((device) => !device.shared), devices.filter((device) => device.shared)];
  return [...own.map((device) => ofDevice(device, sessions)), ...shared.map((device) => ofDevice(device)), ...logins];
}

/** @param sessions Empty: the logins on it stand below it. */
const ofDevice = (device: ListedDevice, sessions: readonly ListedSession[] = []): DeviceEntry => ({
  kind: "device",
  id: device.deviceId,
  name: nameOfDevice(device),
  seen: [lastSeen(device), ...since(device, sessions)].join(". "),
  // The browser is one of the logins of a shared device, which stand below.
  isCurrent: device.current && !device.shared,
});

const loggedIn = (createdAt: string): string => `Logged in ${dateAndTime(createdAt)}`;

/** When the first login on a device began: two devices of one name are told apart by it. */
function since({ deviceId }: ListedDevice, sessions: readonly ListedSession[]): string[] {
  const times = sessions.filter((session) => session.deviceId === deviceId).map(({ createdAt }) => createdAt);
  return times.toSorted().slice(0, 1).map(loggedIn);
}

const ofSession = ({ sessionId, userAgent, createdAt, current }: ListedSession): DeviceEntry => ({
  kind: "login",
  id: sessionId,
  name: deviceOf(userAgent),
  seen: loggedIn(createdAt),
  isCurrent: current,
});
