import { Memories } from "../channel/memories.ts";
import { signBy } from "../database/aws-calls.ts";
import { Devices } from "../devices/device-store.ts";
import { Endpoints, type Resolve } from "../push/endpoints.ts";
import { PushDelivery } from "../push/push-delivery.ts";
import { PushService } from "../push/push-service.ts";
import { Schedules } from "../push/schedules.ts";
import { Subscriptions } from "../push/subscriptions.ts";
import { StoredVapidKeys } from "../push/vapid-keys.ts";
import { UserLimit } from "../rates/user-limit.ts";
import type { Foundation } from "./foundation.ts";

/** What tests hand in: how names are resolved, and whose certificates are trusted beside the public ones. */
interface Surroundings {
  readonly resolve?: Resolve;
  readonly ca?: string;
}

/** The parts of the function `push`. */
export function pushServices(foundation: Foundation, { resolve, ...trust }: Surroundings = {}) {
  const { config, now, meter, database, accountsTable, channelsTable, tokens, sessionCheck, addressLimit, ownHosts } =
    foundation;
  const endpoints = new Endpoints(config.pushLoopback, resolve);
  const vapidKeys = new StoredVapidKeys(accountsTable);
  const subscriptions = new Subscriptions(accountsTable, new Devices(accountsTable, now), now);
  const sign = signBy(database);
  const service = new PushService({ endpoints, keys: () => vapidKeys.get(), contact: contactOf(ownHosts), ...trust });
  return {
    tokens,
    sessionCheck,
    addressLimit,
    meter,
    ownHosts,
    callLimit: new UserLimit(accountsTable, now, config.rates.call),
    endpoints,
    vapidKeys,
    subscriptions,
    pushDelivery: new PushDelivery({
      subscriptions,
      memories: new Memories(database, channelsTable),
      service,
      schedules: config.schedules && new Schedules(config.schedules, sign),
      count: meter.count,
      now,
    }),
  };
}

/** Some push services want to know whom they could reach. The page says it, where there is one. */
const contactOf = ([host]: readonly string[]): string =>
  host === undefined ? "mailto:push@localhost" : `https://${host}`;
