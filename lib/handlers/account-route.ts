import type { RouteKey } from "../contract/routes.ts";
import type { Fields } from "../http/body.ts";
import type { Reply, Request } from "../http/http.ts";
import type { GuardedRoute } from "../rates/address-limit.ts";

/** The routes that the function `accounts` takes. */
export type AccountRoute = Exclude<RouteKey, "POST /send" | "POST /sync">;

export type AccountRoutes = Readonly<Record<AccountRoute, GuardedRoute>>;

export const DONE: Reply = { status: 204 };

/** The fields of a request, with the part of its path that stands in braces. */
export const parametersOf = (request: Request, name: string): Fields => ({
  ...request.fields(),
  [name]: request.pathParameters[name],
});
