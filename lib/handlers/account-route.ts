import type { RouteKey } from "../contract/routes.ts";
import type { Fields } from "../http/body.ts";
import type { Reply, Request } from "../http/http.ts";

/** The routes that the function `accounts` takes. */
export type AccountRoute = Exclude<RouteKey, "POST /send" | "POST /sync">;

/** @param network The network that is counted for the request, see `address-limit.ts`. */
type AccountHandler = (request: Request, network: string | undefined) => Promise<Reply>;

export type AccountRoutes = Readonly<Record<AccountRoute, AccountHandler>>;

export const DONE: Reply = { status: 204 };

/** The fields of a request, with the part of its path that stands in braces. */
export const parametersOf = (request: Request, name: string): Fields => ({
  ...request.fields(),
  [name]: request.pathParameters[name],
});
