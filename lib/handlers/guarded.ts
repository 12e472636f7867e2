import { type Handler, serve } from "../http/http.ts";
import type { AddressLimit, GuardedRoute } from "../rates/address-limit.ts";
import { GoTalkError } from "../runtime/errors.ts";
import type { Meter } from "../runtime/meter.ts";

/** What stands before the routes of a function of the HTTP API. */
export interface GuardServices {
  readonly addressLimit: AddressLimit;
  readonly meter: Meter;
  readonly ownHosts: readonly string[];
}

/** Makes the handler of a route that anybody may ask, within the bound of the address. */
export const serveGuarded = ({ addressLimit, meter, ownHosts }: GuardServices, route: GuardedRoute): Handler =>
  serve(addressLimit.guard(route), meter, ownHosts);

/** Makes the handler of a function with several routes, each by its key, such as `GET /push`. It answers 404 to any other route. */
export const serveRoutes = (services: GuardServices, routes: Readonly<Record<string, GuardedRoute>>): Handler =>
  serveGuarded(services, async (request, network) => {
    const route = Object.hasOwn(routes, request.route) ? routes[request.route] : undefined;
    if (route === undefined) throw new GoTalkError("not_found", { detail: "There is no such route." });
    return route(request, network);
  });
