import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { Invoke } from "./lambda.ts";
import { listenPrivately } from "./private-server.ts";

const FUNCTION = "push";
const INVOCATIONS = "/2015-03-31/functions/push/invocations";
const SCHEDULE = /\/schedules\/push-[\w-]{22}$/;
/** As a schedule says when it runs. */
const AT = /^at\((.{19})\)$/;

/** Lambda's asynchronous invocation and EventBridge Scheduler, as far as the functions use them. */
export interface PushEndpoint {
  stop(): void;
}

/** What the scheduler is asked for, as far as it matters here. */
interface Schedule {
  readonly ScheduleExpression: string;
  readonly Target: { readonly Input: string };
}

/**
 * Starts it, and tells the functions of it. An event is answered before the function runs. Schedules are kept in this process: those that
 * it has when it stops are gone, and with them pushes that a push service had put off.
 *
 * @param environment of the functions
 */
export async function preparePush(environment: Record<string, unknown>, invoke: Invoke): Promise<PushEndpoint> {
  const timers = new Set<NodeJS.Timeout>();
  // What it has thrown is reported already.
  const run = (event: string): Promise<unknown> => invoke(FUNCTION, JSON.parse(event)).catch(() => undefined);
  const schedule = ({ ScheduleExpression, Target }: Schedule): void => {
    const at = Date.parse(`${AT.exec(ScheduleExpression)?.[1]}Z`);
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        void run(Target.Input);
      },
      Math.max(0, at - Date.now()),
    );
    timers.add(timer);
  };
  const server = createServer(async (request, response) => {
    response.writeHead(await accept(request).catch(() => 400)).end();
  });
  const accept = async (request: IncomingMessage): Promise<number> => {
    const { method, url = "" } = request;
    const body = await text(request);
    if (method === "POST" && url.endsWith(INVOCATIONS)) {
      void run(body);
      return 202;
    }
    if (method !== "POST" || !SCHEDULE.test(url)) return 404;
    schedule(JSON.parse(body) as Schedule);
    return 200;
  };
  const base = await listenPrivately(server);
  Object.assign(environment, {
    PUSH_URL: `${base}${INVOCATIONS}`,
    SCHEDULES_URL: base,
    SCHEDULES_GROUP: "local",
    SCHEDULES_ROLE: "local",
    PUSH_LOOPBACK: process.env["GOTALK_PUSH_LOOPBACK"] === "true" ? "true" : "",
  });
  return {
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
      server.close();
      server.closeAllConnections();
    },
  };
}
