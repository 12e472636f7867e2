import type { Connection } from "./exchange.ts";
import type { MessageIds } from "./message-ids.ts";
import type { ClientOptions } from "./options.ts";
import { realTiming, type Timing } from "./timing.ts";

const DEFAULT_TIMEOUT_MS = 15_000;

/** How the requests of a client reach the API. @param messageIds Learn the server's time from its answers. */
export function connectionOf(options: ClientOptions, messageIds: MessageIds): Connection {
  const timing = options.timing ?? realTiming;
  return {
    url: options.url.replace(/\/+$/, ""),
    // Browsers refuse a fetch that is called as a method of anything but the window.
    fetch: withClock(options.fetch ?? ((input, init) => globalThis.fetch(input, init)), messageIds, timing),
    timing,
    timeout: options.timeout ?? DEFAULT_TIMEOUT_MS,
  };
}

/** Compares the clocks by each answer of goTalk's. A proxy on the way may have a clock of its own. */
const withClock =
  (ask: typeof fetch, messageIds: MessageIds, timing: Timing): typeof fetch =>
  async (input, init) => {
    const askedAt = timing.now();
    const response = await ask(input, init);
    if (response.headers.has("x-request-id")) messageIds.observe(response.headers.get("date"), askedAt);
    return response;
  };
