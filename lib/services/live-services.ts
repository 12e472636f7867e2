import { WaitingCheck } from "../channel/waiting-check.ts";
import { Connections } from "../live/connections.ts";
import type { LiveGateway } from "../live/live-gateway.ts";
import { AddressLimit } from "../rates/address-limit.ts";
import type { Foundation } from "./foundation.ts";
import { gatewayOf } from "./gateway.ts";

/**
 * The parts of the function `live`.
 *
 * @param gateway Manages WebSocket connections.
 * @throws {Error} There is none, and no setting that says where they are managed.
 */
export function liveServices(foundation: Foundation, gateway: LiveGateway | undefined = gatewayOf(foundation)) {
  if (gateway === undefined) throw new Error("the environment variable LIVE_ENDPOINT is missing");
  const { config, now, meter, database, accountsTable, channelsTable, tokens, sessionCheck } = foundation;
  return {
    tokens,
    sessionCheck,
    gateway,
    addressLimit: new AddressLimit(config.addressRate, config.originSecret, now),
    now,
    meter,
    ownHosts: config.ownHosts,
    connections: new Connections(accountsTable, now),
    waiting: new WaitingCheck(database, channelsTable, now),
  };
}
