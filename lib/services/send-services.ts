import { ChannelBound } from "../channel/channel-bound.ts";
import { MessageStore } from "../channel/message-store.ts";
import { Profiles } from "../channel/profiles.ts";
import { Sending } from "../channel/sending.ts";
import { Devices } from "../devices/device-store.ts";
import { FanOut } from "../devices/fan-out.ts";
import { PartiesReader } from "../devices/parties.ts";
import { SendWakes } from "../devices/send-wakes.ts";
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
  const devices = new Devices(accountsTable, now);
  const listeners = new Listeners(accountsTable, now);
  return {
    ...shared,
    now,
    meter,
    parties: new PartiesReader(accountsTable, now),
    sendLimit: new UserLimit(accountsTable, now, config.rates.send),
    fanOut: new FanOut({
      sending: new Sending(messages, now, meter.count),
      channelBound: new ChannelBound(messages, profiles, now, config.channelMessages),
      devices,
    }),
    wakes: gateway && new SendWakes(new Wakes(listeners, gateway, meter.count, now), messages, now),
  };
}
