import type { DeviceRemoval } from "../accounts/device-removal.ts";
import type { Sessions } from "../accounts/sessions.ts";
import { LogoutBody, OwnParameters, SessionParameters, validate } from "../http/schemas.ts";
import { timestamp } from "../runtime/clock.ts";
import { identify } from "../tokens/caller.ts";
import { type AccountRoutes, DONE, parametersOf } from "./account-route.ts";
import { type AdmissionServices, admit, admitOwner } from "./admission.ts";

export interface SessionServices extends AdmissionServices {
  readonly sessions: Sessions;
  readonly deviceRemoval: DeviceRemoval;
}

type Routes = Pick<AccountRoutes, "POST /logout" | "GET /sessions" | "DELETE /sessions/{sessionId}">;

/** The routes about the caller's sessions. */
export function sessionRoutes(services: SessionServices): Routes {
  const { sessions, deviceRemoval, tokens } = services;
  return {
    "POST /logout": async (request) => {
      await deviceRemoval.logOut(await admit(services, await identify(tokens, validate(LogoutBody, request.fields()))));
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
      const { token, sessionId } = validate(SessionParameters, parametersOf(request, "sessionId"));
      const { userId } = await admitOwner(services, token);
      // As a logout over there does, it ends the device. A repeat finds no session, and ends its connections.
      await deviceRemoval.logOut({ userId, sessionId, deviceId: await sessions.deviceOf(userId, sessionId) });
      return DONE;
    },
  };
}
