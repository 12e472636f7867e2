import type { User } from "../../lib/channel/profiles.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { profileKey, sessionKey } from "../../lib/database/account-keys.ts";
import type { AccountsTable } from "../../lib/database/accounts-table.ts";
import { putRecord } from "../../lib/database/put-record.ts";
import { updateRecord } from "../../lib/database/update-record.ts";
import { type Device, dayOf } from "../../lib/devices/device-map.ts";
import { newOpaqueId } from "../../lib/runtime/ids.ts";
import type { Foundation } from "../../lib/services/foundation.ts";

/** A device whose id and channel are its name. The first one of a user has no channel but the user's own. */
export const aDevice = (name: string, came: number, more: Partial<Device> = {}): Device => ({
  id: name,
  channel: name,
  came,
  seen: dayOf(Date.now()),
  ...more,
});

/** Gives a user these devices, whatever the user had before. */
export async function giveDevices(
  table: AccountsTable,
  userId: string,
  devices: readonly Device[],
  devicesVersion = 1,
): Promise<void> {
  await updateRecord(table, profileKey(userId), {
    update: "SET devices = :devices, devicesVersion = :devicesVersion",
    condition: "attribute_exists(#owner)",
    values: { devices, devicesVersion },
  });
}

/** A session on a device, as a login there stores it. */
export async function sessionOn(
  { accountsTable, tokens, now }: Pick<Foundation, "accountsTable" | "tokens" | "now">,
  { id: userId, username }: User,
  { id: deviceId, channel }: Device,
): Promise<{ readonly sessionId: string; readonly token: string }> {
  const sessionId = newOpaqueId();
  const expiresAt = now() + LIMITS.session;
  const attributes = { createdAt: now(), expiresAt: Math.ceil(expiresAt / 1_000), seen: dayOf(now()) };
  await putRecord(accountsTable, { ...sessionKey(userId, sessionId), device: deviceId, channel, ...attributes });
  return { sessionId, token: await tokens.issue({ userId, username, sessionId, deviceId, channel }, expiresAt) };
}
