import { Live } from "../live/live.ts";
import { type LiveHandler, serveLive } from "../live/live-events.ts";
import type { Meter } from "../runtime/meter.ts";

export type LiveServices = ConstructorParameters<typeof Live>[0] & {
  readonly meter: Meter;
  readonly ownHosts: readonly string[];
};

/** Makes the handler of the WebSocket API: a client proves whose connection it is, and is woken when something waits. */
export const makeLive = (services: LiveServices): LiveHandler =>
  serveLive(new Live(services), services.meter, services.ownHosts);
