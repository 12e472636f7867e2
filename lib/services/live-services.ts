import { WaitingCheck } from "../channel/waiting-check.ts";
import { hasFormOfGroupId } from "../contract/groups.ts";
import { GroupReader } from "../groups/group-reader.ts";
import { Connections } from "../live/connections.ts";
import { Listeners } from "../live/listeners.ts";
import type { LiveGateway } from "../live/live-gateway.ts";
import { Typing } from "../live/typing.ts";
import { TypingPermits } from "../live/typing-permits.ts";
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
  const groups = new GroupReader(accountsTable);
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
    typing: new Typing({
      permits: new TypingPermits(accountsTable),
      listeners: new Listeners(accountsTable, now),
      gateway,
      now,
      membersOf: async (groupId, userId) => (hasFormOfGroupId(groupId) ? groups.membersFor(groupId, userId) : []),
    }),
  };
}
