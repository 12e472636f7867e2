import { ChannelCloser } from "../channel/channel-closer.ts";
import { ChannelStore } from "../channel/channel-store.ts";
import { Delivery } from "../channel/delivery.ts";
import { MessageStore } from "../channel/message-store.ts";
import { Devices } from "../devices/device-store.ts";
import { HandOver } from "../devices/hand-over.ts";
import { Presence } from "../devices/presence.ts";
import { WaitingCopy } from "../devices/waiting-copy.ts";
import { UserLimit } from "../rates/user-limit.ts";
import { sleep } from "../runtime/sleep.ts";
import { turn } from "../runtime/turn.ts";
import type { Foundation } from "./foundation.ts";

/** The parts of the function `sync`. */
export function syncServices({ config, now, meter, database, accountsTable, channelsTable, ...shared }: Foundation) {
  const channels = new ChannelStore(database, channelsTable);
  const messages = new MessageStore(database, channelsTable);
  const closer = new ChannelCloser(database, channelsTable);
  const devices = new Devices(accountsTable, now);
  const waitingCopy = new WaitingCopy(channels, messages, now);
  const handOver = new HandOver({ devices, waitingCopy, closer, cleanup: undefined, now });
  return {
    ...shared,
    meter,
    delivery: new Delivery(channels, now, sleep, meter.count, turn),
    presence: new Presence(accountsTable, devices, handOver, now),
    syncLimit: new UserLimit(accountsTable, now, config.rates.sync),
    replayLimit: new UserLimit(accountsTable, now, config.rates.replay),
  };
}
