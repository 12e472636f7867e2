import { ChannelBound } from "../channel/channel-bound.ts";
import { MessageStore } from "../channel/message-store.ts";
import { Profiles } from "../channel/profiles.ts";
import { Receivers } from "../channel/receivers.ts";
import { Sending } from "../channel/sending.ts";
import { Listeners } from "../live/listeners.ts";
import type { LiveGateway } from "../live/live-gateway.ts";
import { Wakes } from "../live/wakes.ts";
import { UserLimit } from "../rates/user-limit.ts";
import type { Foundation } from "./foundation.ts";
import { gatewayOf } from "./gateway.ts";

/**
 * The parts of the function `send`.
 *
 * @param gateway Manages WebSocket connections; without one nobody is woken.
 */
export function sendServices(foundation: Foundation, gateway: LiveGateway | undefined = gatewayOf(foundation)) {
  const { config, now, meter, database, accountsTable, channelsTable, ...shared } = foundation;
  const messages = new MessageStore(database, channelsTable);
  const profiles = new Profiles(accountsTable);
  const listeners = new Listeners(accountsTable, now);
  return {
    ...shared,
    now,
    meter,
    messages,
    receivers: new Receivers(accountsTable),
    sending: new Sending(messages, now, meter.count),
    sendLimit: new UserLimit(accountsTable, now, config.rates.send),
    channelBound: new ChannelBound(messages, profiles, now, config.channelMessages),
    wakes: gateway && new Wakes(listeners, gateway, meter.count, now),
  };
}
