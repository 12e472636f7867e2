import { Connections } from "../live/connections.ts";
import { Listeners } from "../live/listeners.ts";
import { createGateway } from "../live/live-gateway.ts";
import { accountsTable, liveEndpoint, now } from "./services.ts";

/** The parts of a running function that deal with WebSocket connections; without an endpoint for them there are none. */
export const connections = /* @__PURE__ */ new Connections(accountsTable, now);
export const listeners = /* @__PURE__ */ new Listeners(accountsTable, now);
export const gateway = liveEndpoint === undefined ? undefined : createGateway(liveEndpoint);
