import { type Client, isPersonal } from "../lib/client/index.ts";

/** How long the question may keep a login waiting, in milliseconds. */
const PATIENCE_MS = 3_000;

/**
 * Asks the user's other devices for the settings that hold, as a browser does: a new device would tell what was read although the
 * user hides that. A page that is open, or is opened later, answers. `receive` and `chat` take the answer.
 *
 * It is optional work and never throws: the login has succeeded. Without an answer the setting is learned when it changes.
 *
 * @param earlierId The device that this computer was before. It knows the settings.
 */
export async function askForSettings(client: Client, earlierId: string | undefined): Promise<void> {
  const { id = "", deviceId } = client.session ?? {};
  if (!isPersonal(deviceId) || deviceId === earlierId) return;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    // With no other device the question would come back to this one.
    const devices = await client.devices({ signal });
    if (!devices.some(({ current, shared }) => !current && !shared)) return;
    await client.send({ to: id, type: "own", content: JSON.stringify({ [id]: { asksAs: deviceId } }), signal });
  } catch {
    // The session, the network or the server may have ended meanwhile.
  }
}
