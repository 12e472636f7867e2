import { type LiveHandler, serveLive } from "../live/live-events.ts";
import { LiveProtocol } from "../live/live-protocol.ts";
import type { Meter } from "../runtime/meter.ts";

export type LiveServices = ConstructorParameters<typeof LiveProtocol>[0] & {
  readonly meter: Meter;
  readonly ownHosts: readonly string[];
};

/** Makes the handler of the WebSocket API: a client authenticates its connection, and is woken when something waits. */
export const makeLive = (services: LiveServices): LiveHandler =>
  serveLive(new LiveProtocol(services), services.meter, services.ownHosts);
