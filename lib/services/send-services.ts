import { PartiesReader } from "../devices/parties.ts";
import { GroupSending } from "../groups/group-sending.ts";
import type { LiveGateway } from "../live/live-gateway.ts";
import { UserLimit } from "../rates/user-limit.ts";
import type { Foundation } from "./foundation.ts";
import { gatewayOf } from "./gateway.ts";
import { groupParts } from "./group-parts.ts";

/**
 * The parts of the function `send`.
 *
 * @param gateway Manages WebSocket connections; without one nobody is woken.
 */
export function sendServices(foundation: Foundation, gateway: LiveGateway | undefined = gatewayOf(foundation)) {
  const { config, now, meter, accountsTable, database: _, channelsTable: __, ...shared } = foundation;
  const { fanOut, wakes, ...groups } = groupParts(foundation, gateway);
  return {
    ...shared,
    now,
    meter,
    parties: new PartiesReader(accountsTable, now),
    sendLimit: new UserLimit(accountsTable, now, config.rates.send),
    fanOut,
    wakes,
    groups: new GroupSending({ ...groups, fanOut: groups.groupFanOut, wakes: groups.groupWakes }),
  };
}
