import type { Login } from "../accounts/accounts.ts";
import type { FileRoute, RouteKey } from "../contract/routes.ts";
import type { Reply } from "../http/http.ts";
import type { GuardedRoute } from "../rates/address-limit.ts";
import { timestamp } from "../runtime/clock.ts";

/** The routes that the function `push` takes. */
export type PushRoute = "GET /push" | "PUT /push" | "DELETE /push";

/** The routes that the function `accounts` takes. */
type AccountRoute = Exclude<RouteKey, "POST /send" | "POST /sync" | FileRoute | PushRoute>;

export type AccountRoutes = Readonly<Record<AccountRoute, GuardedRoute>>;

/**
 * The answer to a login.
 *
 * @param live Where clients open WebSockets, if it is not at `/live` beside the API.
 */
export const granted = ({ expiresAt, ...login }: Login, live: string | undefined): Reply => ({
  status: 200,
  body: { ...login, expiresAt: timestamp(expiresAt), live },
});

export const DONE: Reply = { status: 204 };
