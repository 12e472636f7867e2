import { LIMITS } from "../contract/limits.ts";
import { allOf, bestEffort } from "../runtime/best-effort.ts";
import type { Listeners } from "./listeners.ts";
import { close, type LiveGateway } from "./live-gateway.ts";

/** @param hasEnded Tells the sessions that have ended by their id. */
export type HangUp = (userId: string, hasEnded: (sessionId: string) => boolean) => Promise<void>;

/**
 * @returns Closes the connections of a user's sessions that have ended, within `LIMITS.live.hangUpTime`. It never fails: a
 *   connection that stays open only hears that something waits, and a sync of its session is refused.
 */
export const hangUpBy =
  (listeners: Listeners, gateway: LiveGateway): HangUp =>
  (userId, hasEnded) =>
    bestEffort("close the connections of a session", LIMITS.live.hangUpTime, async (signal) => {
      // Consistent: a connection is stored before its session is checked, so that one of the two finds the other.
      const open = await listeners.list(userId, true);
      await allOf(
        open
          .filter(({ sessionId }) => hasEnded(sessionId))
          .map(async ({ connectionId }) => {
            await listeners.remove(userId, connectionId);
            await close(gateway, connectionId, signal);
          }),
      );
    });
