import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Watch } from "../lib/live-watch.ts";

/** An endpoint for the functions' own asynchronous invocations. */
export interface Invocations {
  /** Its URL, for the SDK. */
  readonly endpoint: string;
  /** Drops those that are still to come. */
  stop(): void;
}

/**
 * Takes asynchronous invocations, and passes each on to serverless-offline when its time has come. On AWS a function that
 * waits has an instance to itself; here it would keep one of a few workers from those who have something to do.
 *
 * They are passed on as synchronous ones: in serverless-offline an asynchronous one that fails ends the process.
 *
 * @param lambda the URL of serverless-offline's Lambda endpoint
 */
export async function startInvocations(lambda: string): Promise<Invocations> {
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer(async (request, response) => {
    const payload = await text(request);
    response.writeHead(202).end();
    const timer = setTimeout(
      async () => {
        timers.delete(timer);
        // A stack that is stopping refuses it.
        await fetch(`${lambda}${request.url}`, { method: "POST", body: payload }).catch(() => undefined);
      },
      delayOf(JSON.parse(payload)),
    );
    timers.add(timer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
      server.close();
      server.closeAllConnections();
    },
  };
}

const delayOf = ({ watch }: { watch: Watch }): number => Math.max(0, (watch.looks[0] ?? 0) - Date.now());
