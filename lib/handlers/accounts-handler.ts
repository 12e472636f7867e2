import { type Handler, serve } from "../http/http.ts";
import type { AddressLimit } from "../rates/address-limit.ts";
import { GoTalkError } from "../runtime/errors.ts";
import type { Meter } from "../runtime/meter.ts";
import type { AccountRoute, AccountRoutes } from "./account-route.ts";
import { type BlockServices, blockRoutes } from "./block-routes.ts";
import { type PasswordServices, passwordRoutes } from "./password-routes.ts";
import { type SessionServices, sessionRoutes } from "./session-routes.ts";

interface Shared {
  readonly addressLimit: AddressLimit;
  readonly meter: Meter;
  readonly ownHosts: readonly string[];
}

export type AccountsServices = PasswordServices & SessionServices & BlockServices & Shared;

/** Makes the handler of the routes about accounts: registering, sessions, the account itself, other users, blocks. */
export function makeAccounts(services: AccountsServices): Handler {
  const routes: AccountRoutes = {
    ...passwordRoutes(services),
    ...sessionRoutes(services),
    ...blockRoutes(services),
  };
  const isRoute = (key: string): key is AccountRoute => Object.hasOwn(routes, key);
  const guarded = services.addressLimit.guard(async (request, network) => {
    if (!isRoute(request.route)) throw new GoTalkError("not_found", { detail: "There is no such route." });
    return routes[request.route](request, network);
  });
  return serve(guarded, services.meter, services.ownHosts);
}
