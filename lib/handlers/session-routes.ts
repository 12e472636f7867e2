import type { Sessions } from "../accounts/sessions.ts";
import { LogoutBody, OwnParameters, SessionParameters, validate } from "../http/schemas.ts";
import type { HangUp } from "../live/hang-up.ts";
import { timestamp } from "../runtime/clock.ts";
import { identify } from "../tokens/caller.ts";
import type { Caller } from "../tokens/tokens.ts";
import { type AccountRoutes, DONE, parametersOf } from "./account-route.ts";
import { type AdmissionServices, admit, admitOwner } from "./admission.ts";

export interface SessionServices extends AdmissionServices {
  readonly sessions: Sessions;
  /** Without it there are no WebSocket connections. */
  readonly hangUp: HangUp | undefined;
}

type Routes = Pick<AccountRoutes, "POST /logout" | "GET /sessions" | "DELETE /sessions/{sessionId}">;

/** The routes about the caller's sessions. */
export function sessionRoutes(services: SessionServices): Routes {
  const { sessions, hangUp, tokens } = services;

  /** In this order: a connection is stored before its session is checked. */
  async function end(session: Pick<Caller, "userId" | "sessionId">): Promise<void> {
    await sessions.end(session);
    await hangUp?.(session.userId, (sessionId) => sessionId === session.sessionId);
  }

  return {
    "POST /logout": async (request) => {
      await end(await admit(services, await identify(tokens, validate(LogoutBody, request.fields()))));
      return DONE;
    },

    "GET /sessions": async (request) => {
      const { token } = validate(OwnParameters, request.fields());
      const { userId, sessionId } = await admitOwner(services, token);
      const all = await sessions.list(userId);
      const body = all.map(({ createdAt, expiresAt, ...session }) => ({
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
      await end({ userId, sessionId });
      return DONE;
    },
  };
}
