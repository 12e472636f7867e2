import { Client, type Session } from "../../../lib/client/index.ts";
import { eraseUser } from "../storage/schema.ts";
import { dateAndTime } from "../text/times.ts";
import { endPush } from "./endPush.ts";
import { deleteLogins } from "./logins.ts";
import { clearNotifications } from "./notifications.ts";
import { eraseSession, explainEnd } from "./session.ts";

/** How long, in milliseconds, the server may take to end a session. */
const PATIENCE = 3_000;

/**
 * Logs out, and deletes all that this browser keeps of the user. The session is removed here first, so that no tab
 * stores anything any more. Works without a network: the server then keeps the session until it expires.
 */
export async function eraseDevice(session: Session): Promise<void> {
  deleteLogins(session.username);
  eraseSession("You are logged out. This device is being erased…");
  const [isEnded, ...areErased] = await Promise.all([
    endAtServer(session),
    eraseUser(session.id),
    endPush(session.id),
    clearNotifications(),
  ]);
  explainEnd(outcome(session, isEnded, !areErased.includes(false)));
}

async function endAtServer(session: Session): Promise<boolean> {
  try {
    await new Client({ url: "", session }).logout({ signal: AbortSignal.timeout(PATIENCE) });
    return true;
  } catch {
    return false;
  }
}

function outcome({ username, expiresAt }: Session, isEnded: boolean, isErased: boolean): string {
  const here = isErased
    ? `You are logged out, and this browser keeps nothing of ${username} any more.`
    : "You are logged out, but this browser could not erase everything. Clear the data of this site in the browser’s settings.";
  if (isEnded) return here;
  return `${here} The server could not be reached, so it keeps the session until ${dateAndTime(expiresAt)}. To end it now, change your password when you are online, or remove this device under Devices on another one.`;
}
