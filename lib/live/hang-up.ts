import { LIMITS } from "../contract/limits.ts";
import { allOf, bestEffort } from "../runtime/best-effort.ts";
import { close } from "./close.ts";
import type { Connection, Listeners } from "./listeners.ts";
import type { LiveGateway } from "./live-gateway.ts";

/**
 * Removes the connections of a user's sessions that have ended, and closes them.
 *
 * @param hasEnded Tells them by their session or their device.
 * @throws {Unavailable} Some of them may still be stored.
 */
export type HangUp = (userId: string, hasEnded: (connection: Connection) => boolean) => Promise<void>;

/**
 * Once it is done nobody finds the connections, so that nothing is sent to them any more. To close them is best effort, within
 * `LIMITS.live.hangUpTime`: one that stays open hears nothing, and a sync of its session is refused.
 */
export const hangUpBy =
  (listeners: Listeners, gateway: LiveGateway): HangUp =>
  async (userId, hasEnded) => {
    // Consistent: a connection is stored before its session is checked, so that one of the two finds the other.
    const ended = (await listeners.list(userId, true)).filter(hasEnded);
    await Promise.all(ended.map(({ connectionId }) => listeners.remove(userId, connectionId)));
    if (ended.length === 0) return;
    await bestEffort("close the connections of a session", LIMITS.live.hangUpTime, (signal) =>
      allOf(ended.map(({ connectionId }) => close(gateway, connectionId, signal))),
    );
  };
