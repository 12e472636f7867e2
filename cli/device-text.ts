import { hostname } from "node:os";
import type { ListedDevice } from "../lib/client/index.ts";
import { LIMITS } from "../lib/contract/limits.ts";

/** What a computer is called as a device: the host's name, as far as the server takes it. */
export function defaultDeviceName(host = hostname()): string {
  const characters = [...host.replaceAll(/[\p{C}\p{Z}]/gu, "")];
  return characters.slice(0, LIMITS.devices.nameCharacters).join("") || "gotalk";
}

/** A device as a line for people. */
export function deviceLine({ deviceId, lastSeen, current, name, userAgent, shared }: ListedDevice): string {
  const description = shared
    ? ["shared by all logins without a device of their own"]
    : [name, userAgent && `(${userAgent})`];
  return [deviceId, lastSeen, current ? "*" : "", ...description].filter(Boolean).join(" ");
}

/** Says that a login got another device than it asked for. */
export const GAP =
  "The earlier device of this computer no longer exists, and it has a new one. Messages that came before this login may be missing here.";

/** Says that the device has missed messages. */
export const MISSED =
  "Messages are missing here: too many were waiting for this device. Your other devices may have them.";
