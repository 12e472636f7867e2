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
  return [...own.map(ofDevice), ...shared.map(ofDevice), ...logins];
}

const ofDevice = (device: ListedDevice): DeviceEntry => ({
  kind: "device",
  id: device.deviceId,
  name: nameOfDevice(device),
  seen: lastSeen(device),
  // The browser is one of the logins of a shared device, which stand below.
  isCurrent: device.current && !device.shared,
});

const ofSession = ({ sessionId, userAgent, createdAt, current }: ListedSession): DeviceEntry => ({
  kind: "login",
  id: sessionId,
  name: deviceOf(userAgent),
  seen: `Logged in ${dateAndTime(createdAt)}`,
  isCurrent: current,
});
