import { signBy } from "../database/aws-calls.ts";
import { createGateway, type LiveGateway } from "../live/live-gateway.ts";
import type { Foundation } from "./foundation.ts";

/** Manages the WebSocket connections; `undefined` where the settings name no place for them, and there are none. */
export const gatewayOf = ({ config: { liveEndpoint }, database }: Foundation): LiveGateway | undefined =>
  liveEndpoint === undefined ? undefined : createGateway(liveEndpoint, signBy(database));
