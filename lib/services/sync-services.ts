import { ChannelStore } from "../channel/channel-store.ts";
import { Delivery } from "../channel/delivery.ts";
import { UserLimit } from "../rates/user-limit.ts";
import { sleep } from "../runtime/sleep.ts";
import type { Foundation } from "./foundation.ts";

/** The parts of the function `sync`. */
export function syncServices({ config, now, meter, database, accountsTable, channelsTable, ...shared }: Foundation) {
  const channels = new ChannelStore(database, channelsTable);
  return {
    ...shared,
    meter,
    delivery: new Delivery(channels, now, sleep, meter.count),
    syncLimit: new UserLimit(accountsTable, now, config.rates.sync),
    replayLimit: new UserLimit(accountsTable, now, config.rates.replay),
  };
}
