import { signBy } from "../database/aws-calls.ts";
import { PartiesReader } from "../devices/parties.ts";
import { GroupSending } from "../groups/group-sending.ts";
import type { LiveGateway } from "../live/live-gateway.ts";
import { Dispatch } from "../push/dispatch.ts";
import { Pushes } from "../push/pushes.ts";
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
  const { config, now, meter, accountsTable, database, channelsTable: _, ...shared } = foundation;
  const { fanOut, wakes, ...groups } = groupParts(foundation, gateway);
  const pushes =
    config.pushUrl === undefined ? undefined : new Pushes(new Dispatch(config.pushUrl, signBy(database)), now);
  return {
    ...shared,
    now,
    meter,
    parties: new PartiesReader(accountsTable, now),
    sendLimit: new UserLimit(accountsTable, now, config.rates.send),
    fanOut,
    wakes,
    pushes,
    groups: new GroupSending({ ...groups, fanOut: groups.groupFanOut, wakes: groups.groupWakes, pushes }),
  };
}
