import { type Client, isPassing, isPersonal, type Session } from "../../../lib/client/index.ts";
import { ownDeviceName } from "../text/devices.ts";
import { openLoginId } from "./logins.ts";

/** Milliseconds that one attempt may take. Until then the page neither sends nor receives. */
const PATIENCE = 5_000;

/** Milliseconds until the next attempt. */
export const MOVE_PAUSE = 60_000;

/**
 * Gives a session of an older page a device of its own: two such sessions share one device, and each gets only a part of
 * the messages. Nothing else may use the session meanwhile, since its token changes.
 *
 * @param onMoved Called with the session as it goes on.
 * @returns whether this is done; false if it is to be tried again
 */
export async function moveToOwnDevice(client: Client, onMoved: (session: Session) => void): Promise<boolean> {
  const { session } = client;
  if (session === undefined || isPersonal(session.deviceId)) return true;
  if (!navigator.onLine) return false;
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const loginId = openLoginId(session.username);
    const moved = await client.moveToOwnDevice({ deviceName: ownDeviceName(), loginId, signal });
    if (moved.token !== session.token) onMoved(moved);
    return true;
  } catch (error) {
    // The other refusals stay: there is no room for another device, or the session has ended. The work goes on with the
    // session as it is, and finds out by itself if it has ended.
    return !(error instanceof DOMException || isPassing(error));
  }
}
