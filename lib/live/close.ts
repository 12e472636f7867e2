import type { LiveGateway } from "./live-gateway.ts";

/** Closes a connection. There is nothing to do if it is closed. */
export async function close(gateway: LiveGateway, connectionId: string, abortSignal?: AbortSignal): Promise<void> {
  await gateway({ method: "DELETE", connectionId, abortSignal });
}
