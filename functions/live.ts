import { Live } from "../lib/live/live.ts";
import { serveLive } from "../lib/live/live-events.ts";
import { connections, gateway } from "../lib/services/live-services.ts";
import { meter, now, ownHosts, sessionCheck, tokens, waitingCheck } from "../lib/services/services.ts";

if (gateway === undefined) throw new Error("the environment variable LIVE_ENDPOINT is missing");

/** The routes of the WebSocket API: a client proves whose connection it is, and is woken when something waits. */
export const handler = serveLive(
  new Live({ tokens, sessionCheck, connections, gateway, waiting: waitingCheck, now }),
  meter,
  ownHosts,
);
