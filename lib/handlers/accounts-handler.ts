import type { Handler } from "../http/http.ts";
import type { AccountRoutes } from "./account-route.ts";
import { type BlockServices, blockRoutes } from "./block-routes.ts";
import { type DeviceServices, deviceRoutes } from "./device-routes.ts";
import { type GroupServices, groupRoutes } from "./group-routes.ts";
import { type GuardServices, serveRoutes } from "./guarded.ts";
import { type PasswordServices, passwordRoutes } from "./password-routes.ts";
import { type SessionServices, sessionRoutes } from "./session-routes.ts";

export type AccountsServices = PasswordServices &
  SessionServices &
  DeviceServices &
  BlockServices &
  GroupServices &
  GuardServices;

/**
 * Makes the handler of the routes about accounts: registering, sessions, devices, the account itself, other users, blocks, groups.
 * The groups are here as the deletion of an account leaves them: the function needs most of what their routes do.
 */
export function makeAccounts(services: AccountsServices): Handler {
  const routes: AccountRoutes = {
    ...passwordRoutes(services),
    ...sessionRoutes(services),
    ...deviceRoutes(services),
    ...blockRoutes(services),
    ...groupRoutes(services),
  };
  return serveRoutes(services, routes);
}
