import { WaitingCheck } from "../channel/waiting-check.ts";
import { Connections } from "../live/connections.ts";
import type { LiveGateway } from "../live/live-gateway.ts";
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
  const { now, meter, database, accountsTable, channelsTable, tokens, sessionCheck, addressLimit, ownHosts } =
    foundation;
  return {
    tokens,
    sessionCheck,
    gateway,
    addressLimit,
    now,
    meter,
    ownHosts,
    connections: new Connections(accountsTable, now),
    waiting: new WaitingCheck(database, channelsTable, now),
  };
}
