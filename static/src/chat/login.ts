import { Client, type Credentials } from "../../../lib/client/index.ts";
import { ownDeviceName } from "../text/devices.ts";
import { openLoginId, rememberedLogin } from "./logins.ts";
import { startSession } from "./session.ts";

const newClient = (): Client => new Client({ url: "", retry: { giveUpAfter: 5_000 } });

/** Registers a user. @returns the name that they have now. @throws what the client throws */
export async function register(credentials: Credentials, inviteCode: string | undefined): Promise<string> {
  const loginId = openLoginId(credentials.username);
  return (await newClient().register({ ...credentials, inviteCode, loginId })).username;
}

/**
 * Logs in. This browser is a device of the user's: the one that it was, if they still have it.
 *
 * @param replaceDeviceId The device that is removed if there is no room for this one.
 * @throws what the client throws
 */
export async function logIn(credentials: Credentials, replaceDeviceId: string | undefined): Promise<void> {
  const { username } = credentials;
  const device = { ...rememberedLogin(username), deviceName: ownDeviceName(), loginId: openLoginId(username) };
  startSession(await newClient().login({ ...credentials, ...device, replaceDeviceId }));
  // Asks the browser not to clear the history when it needs room. Nothing depends on its answer.
  void navigator.storage?.persist?.().catch(() => undefined);
}
