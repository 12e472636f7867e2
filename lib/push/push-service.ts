import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { encryptNotification, vapidHeaders } from "@block65/webcrypto-web-push";
import { LIMITS } from "../contract/limits.ts";
import type { PushSubscription } from "../tokens/session-check.ts";
import type { Endpoints } from "./endpoints.ts";
import type { VapidKeys } from "./vapid-keys.ts";

/** What is pushed. */
export interface Push {
  /** It is encrypted to the browser. */
  readonly content: string;
  readonly topic: string;
  /** `high` wakes a phone that sleeps. */
  readonly urgency: "normal" | "high";
}

/**
 * What became of a push. `gone`: the browser has no such subscription any more. `later`: the push service wants it to be tried again,
 * after so many milliseconds if it says so. `refused`: it never will be taken.
 */
export type Outcome =
  | { readonly kind: "sent" | "gone" }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "later"; readonly after?: number | undefined };

interface Parts {
  readonly endpoints: Endpoints;
  readonly keys: () => Promise<VapidKeys>;
  /** How the push service reaches whoever runs this server (RFC 8292, 2.1): an https or mailto URL. */
  readonly contact: string;
  /** Further certificates of authorities, for a push service of the tests' own. */
  readonly ca?: string;
}

const GONE: ReadonlySet<number> = new Set([404, 410]);
const TOO_MANY = 429;

/** Calls push services (RFC 8030). The content is encrypted (RFC 8291), and the call says who makes it (RFC 8292). */
export class PushService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * A redirect is refused, as any other status that is no success.
   *
   * @throws {PrivateAddress} The endpoint is, or has become, an address that the server does not call.
   * @throws {Error} The push service could not be reached in time, or the subscription's keys are none.
   */
  async send({ endpoint, p256dh, auth }: PushSubscription, push: Push): Promise<Outcome> {
    const { endpoints, keys, contact } = this.#parts;
    const url = endpoints.parse(endpoint);
    if (url === undefined) return { kind: "gone" };
    const subscription = { endpoint, expirationTime: null, keys: { p256dh, auth } };
    const [body, { headers }] = await Promise.all([
      encryptNotification(subscription, Buffer.from(push.content)),
      keys().then((pair) => vapidHeaders(subscription, { subject: contact, ...pair })),
    ]);
    const response = await this.#post(url, body, {
      ...headers,
      ttl: String(LIMITS.push.timeToLive),
      topic: push.topic,
      urgency: push.urgency,
      "content-encoding": "aes128gcm",
      "content-type": "application/octet-stream",
      "content-length": String(body.byteLength),
    });
    return outcomeOf(response.statusCode ?? 0, response.headers["retry-after"]);
  }

  /** On a connection of its own, to an address that was checked. What the answer has beside its headers is not read. */
  async #post(url: URL, body: Uint8Array, headers: Record<string, string>): Promise<IncomingMessage> {
    const { endpoints, ca } = this.#parts;
    const signal = AbortSignal.timeout(LIMITS.push.callTime);
    const { lookup } = endpoints;
    const call = request(url, { method: "POST", agent: false, headers, lookup, signal, ...(ca && { ca }) });
    call.end(body);
    try {
      const [response] = (await once(call, "response")) as [IncomingMessage];
      return response;
    } finally {
      // A late error of the connection changes nothing any more, and an unhandled one ends the process.
      call.on("error", () => undefined);
      call.destroy();
    }
  }
}

function outcomeOf(status: number, retryAfter: string | undefined): Outcome {
  if (status >= 200 && status < 300) return { kind: "sent" };
  if (GONE.has(status)) return { kind: "gone" };
  if (status === TOO_MANY || status >= 500) return { kind: "later", after: millisecondsIn(retryAfter) };
  return { kind: "refused", status };
}

/** RFC 9110, 10.2.3: seconds, or a date. `undefined` if it is neither. */
function millisecondsIn(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
