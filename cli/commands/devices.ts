import { type GlobalOptions, loggedIn } from "../context.ts";
import { deviceLine } from "../device-text.ts";
import { withHint } from "../failures.ts";
import { saveEnd } from "../login-state.ts";
import { print, printText } from "../output.ts";
import { jsonLine } from "../text.ts";
import type { ListOptions } from "./own-account.ts";

/** `gotalk devices` */
export async function listDevices(options: ListOptions): Promise<void> {
  const { client, notice, onRetry } = await loggedIn(options);
  const devices = await client.devices({ onRetry });
  if (devices.length === 0) notice("This server is too old for devices: all logins of a user share the messages.");
  for (const device of devices) {
    await (options.json ? print(jsonLine(device)) : printText(`${deviceLine(device)}\n`));
  }
}

/** `gotalk remove-device ID`. If it is this computer's, it is logged out. */
export async function removeDevice(deviceId: string, options: GlobalOptions): Promise<void> {
  const { client, url, session, notice, onRetry } = await loggedIn(options);
  await withHint(
    client.removeDevice(deviceId, { onRetry }),
    "The device may be removed: gotalk devices lists the devices that are left.",
  );
  if (client.session === undefined) saveEnd(url, session);
  notice(`The device ${deviceId} is removed.`);
}
