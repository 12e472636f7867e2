import { type Handler, serve } from "../http/http.ts";
import type { AddressLimit, GuardedRoute } from "../rates/address-limit.ts";
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
