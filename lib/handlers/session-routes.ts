import type { DeviceRemoval } from "../accounts/device-removal.ts";
import type { Sessions } from "../accounts/sessions.ts";
import { SHARED_DEVICE } from "../contract/devices.ts";
import { parametersOf } from "../http/parameters.ts";
import { LogoutBody, OwnParameters, SessionParameters, validate } from "../http/schemas.ts";
import type { LocalRate } from "../rates/rate.ts";
import { timestamp } from "../runtime/clock.ts";
import { InvalidToken } from "../runtime/errors.ts";
import { identify } from "../tokens/caller.ts";
import { type AccountRoutes, DONE } from "./account-route.ts";
import { type AdmissionServices, admit, admitOwner } from "./admission.ts";

export interface SessionServices extends AdmissionServices {
  readonly sessions: Sessions;
  readonly deviceRemoval: DeviceRemoval;
  /** Repeats of a logout, by the user. */
  readonly logoutRepeats: LocalRate;
}

/** The routes about the caller's sessions. */
export function sessionRoutes(services: SessionServices) {
  const { sessions, deviceRemoval, logoutRepeats, tokens } = services;
  return {
    "POST /logout": async (request) => {
      const caller = await identify(tokens, validate(LogoutBody, request.fields()));
      try {
        await admit(services, caller);
      } catch (error) {
        // The session of a personal device ends before the rest of its logout is done. Such a repeat has a rate of its own, as it is
        // not taken off its user's.
        const { deviceId = SHARED_DEVICE } = caller;
        const mayRepeat = error instanceof InvalidToken && deviceId !== SHARED_DEVICE;
        const isWithinRate = mayRepeat && logoutRepeats.consume(caller.userId) === 0;
        if (isWithinRate && (await deviceRemoval.resumeLogOut(caller))) return DONE;
        throw error;
      }
      await deviceRemoval.logOut(caller);
      return DONE;
    },

    "GET /sessions": async (request) => {
      const { token } = validate(OwnParameters, request.fields());
      const { userId, sessionId } = await admitOwner(services, token);
      const all = await sessions.list(userId);
      const body = all.map(({ createdAt, expiresAt, channel: _, ...session }) => ({
        ...session,
        createdAt: timestamp(createdAt),
        expiresAt: timestamp(expiresAt),
        current: session.sessionId === sessionId,
      }));
      return { status: 200, body: { sessions: body } };
    },

    "DELETE /sessions/{sessionId}": async (request) => {
      const { token, sessionId } = validate(SessionParameters, parametersOf(request));
      const { userId } = await admitOwner(services, token);
      // As a logout over there does, it ends the device. A repeat finds no session, and ends its connections.
      const deviceId = await sessions.deviceOf(userId, sessionId);
      const isResumed = deviceId === undefined && (await deviceRemoval.resumeLogOut({ userId, sessionId }));
      if (!isResumed) await deviceRemoval.logOut({ userId, sessionId, deviceId });
      return DONE;
    },
  } satisfies Partial<AccountRoutes>;
}
