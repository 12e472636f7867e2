import { type Client, isPassing, isPersonal, ProblemError, type Session } from "../../../lib/client/index.ts";
import { ownDeviceName } from "../text/devices.ts";
import { openLoginId } from "./logins.ts";

/**
 * Milliseconds that one attempt may take: more than the server takes at most, and the network. Until then the page neither sends
 * nor receives.
 */
const PATIENCE = 10_000;

/** Milliseconds until the next attempt. */
export const MOVE_PAUSE = 60_000;

/**
 * What became of an attempt. `again`: it may work later. `full`: it works once the person has removed a device. Both are to be
 * tried again.
 */
export type Move = "done" | "again" | "full";

/**
 * Gives a session of an older page a device of its own: two such sessions share one device, and each gets only a part of
 * the messages. Nothing else may use the session meanwhile, since its token changes.
 *
 * @param onMoved Called with the session as it goes on.
 */
export async function moveToOwnDevice(client: Client, onMoved: (session: Session) => void): Promise<Move> {
  const { session } = client;
  if (session === undefined || isPersonal(session.deviceId)) return "done";
  if (!navigator.onLine) return "again";
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const loginId = openLoginId(session.username);
    const moved = await client.moveToOwnDevice({ deviceName: ownDeviceName(), loginId, signal });
    if (moved.token !== session.token) onMoved(moved);
    return "done";
  } catch (error) {
    if (error instanceof DOMException || isPassing(error)) return "again";
    // The other refusals stay: the session has ended, say. The work goes on with the session as it is, and finds out by itself.
    return error instanceof ProblemError && error.code === "too_many_devices" ? "full" : "done";
  }
}
