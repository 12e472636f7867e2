import { ChannelBound } from "../channel/channel-bound.ts";
import { Memories } from "../channel/memories.ts";
import { MessageStore } from "../channel/message-store.ts";
import { Profiles } from "../channel/profiles.ts";
import { Sending } from "../channel/sending.ts";
import { Devices } from "../devices/device-store.ts";
import { FanOut } from "../devices/fan-out.ts";
import { SendWakes } from "../devices/send-wakes.ts";
import { GroupFanOut } from "../groups/group-fan-out.ts";
import { GroupPeople } from "../groups/group-people.ts";
import { GroupStore } from "../groups/group-store.ts";
import { GroupTeller } from "../groups/group-teller.ts";
import { GroupWakes } from "../groups/group-wakes.ts";
import { Listeners } from "../live/listeners.ts";
import type { LiveGateway } from "../live/live-gateway.ts";
import { Wakes } from "../live/wakes.ts";
import type { Foundation } from "./foundation.ts";

/**
 * The parts that put a message on the devices of a user, or of a group, and wake them.
 *
 * @param gateway Manages WebSocket connections; without one nobody is woken.
 */
export function groupParts(foundation: Foundation, gateway: LiveGateway | undefined) {
  const { config, now, meter, database, accountsTable, channelsTable } = foundation;
  const messages = new MessageStore(database, channelsTable);
  const profiles = new Profiles(accountsTable);
  const devices = new Devices(accountsTable, now);
  const listeners = new Listeners(accountsTable, now);
  const sending = new Sending(messages, now, meter.count);
  const channelBound = new ChannelBound(messages, profiles, now, config.channelMessages);
  const fanOut = new FanOut({ sending, channelBound, devices });
  const memories = new Memories(database, channelsTable);
  const connections = gateway && new Wakes(listeners, gateway, meter.count, now);
  const wakes = connections && new SendWakes(connections, messages, now);
  const store = new GroupStore(accountsTable, now);
  const people = new GroupPeople(accountsTable, now);
  const groupFanOut = new GroupFanOut({ sending, fanOut });
  const groupWakes =
    connections && new GroupWakes((channels) => new SendWakes(connections, memories.readAhead(channels), now), now);
  const teller = new GroupTeller({ store, people, fanOut: groupFanOut, wakes: groupWakes, now });
  return { fanOut, wakes, store, people, groupFanOut, groupWakes, teller };
}
