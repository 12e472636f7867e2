import { createDecipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { importJWK, jwtVerify } from "jose";
import { CERTIFICATE, KEY } from "./certificate.ts";

/** A push that a browser has got. */
export interface ReceivedPush {
  /** The path of the endpoint. */
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** What was encrypted, as JSON. */
  readonly content: Readonly<Record<string, unknown>>;
  /** The key of the server that has signed it, in base64url. */
  readonly key: string;
  /** What the signature says (RFC 8292, 2). */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What the service answers in the place of 201. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A browser with a subscription, as `PushSubscription.toJSON()` has it. */
export interface Browser {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

const DAY = 86_400;

/**
 * A push service with browsers. It takes what RFC 8030, 8291 and 8292 demand, and answers 400 with the reason to all else; it shares no
 * code with what goTalk encrypts and signs by.
 */
export class StandInPushService {
  readonly received: ReceivedPush[] = [];
  /** Requests that were no valid pushes, with the reason. */
  readonly faults: string[] = [];
  /** Every request, also a refused one, by its path. */
  readonly asked: string[] = [];
  #hear: () => void = () => {};
  readonly #refusals = new Map<string, Refusal[]>();
  readonly #browsers = new Map<string, { readonly pair: ECDH; readonly auth: Buffer }>();
  readonly #server = createServer({ cert: CERTIFICATE, key: KEY }, (request, response) => {
    this.#answer(request, response).catch((error: unknown) => {
      this.faults.push(String(error));
      response.writeHead(400).end();
    });
  });

  static async start(): Promise<StandInPushService> {
    const service = new StandInPushService();
    service.#server.listen(0, "127.0.0.1");
    await once(service.#server, "listening");
    return service;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  subscribe(): Browser {
    const pair = createECDH("prime256v1");
    const auth = randomBytes(16);
    const path = `/push/${randomBytes(12).toString("base64url")}`;
    const p256dh = pair.generateKeys("base64url");
    this.#browsers.set(path, { pair, auth });
    return { endpoint: this.url + path, keys: { p256dh, auth: auth.toString("base64url") } };
  }

  /** Takes over a browser's subscription whose keys are elsewhere: what comes is kept as it is. */
  readonly forwards = new Map<string, (body: Buffer, headers: IncomingMessage["headers"]) => void>();

  /** Answers the next pushes to a browser so, one after the other. */
  refuse({ endpoint }: Browser, ...refusals: readonly Refusal[]): void {
    this.#refusals.set(new URL(endpoint).pathname, [...refusals]);
  }

  /** Resolves when a browser has got so many. */
  async until(browser: Browser, count: number): Promise<ReceivedPush[]> {
    while (this.of(browser).length < count) {
      await new Promise<void>((resolve) => {
        this.#hear = resolve;
      });
    }
    return this.of(browser);
  }

  /** What a browser has got. */
  of({ endpoint }: Browser): ReceivedPush[] {
    return this.received.filter(({ path }) => path === new URL(endpoint).pathname);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const body = await buffer(request);
    this.asked.push(path);
    const refusal = this.#refusals.get(path)?.shift();
    if (refusal) return void response.writeHead(refusal.status, refusal.headers).end();
    if (request.method !== "POST") throw new Error(`${request.method} ${path}`);
    const forward = this.forwards.get(path);
    const signed = await verified(request.headers, this.url);
    checkHeaders(request.headers);
    if (forward) forward(body, request.headers);
    else {
      const browser = this.#browsers.get(path);
      if (browser === undefined) return void response.writeHead(404).end();
      const content = JSON.parse(decrypted(body, browser.pair, browser.auth));
      this.received.push({ path, headers: request.headers, content, ...signed });
      this.#hear();
    }
    response.writeHead(201, { location: `${this.url}/message` }).end();
  }
}

/** RFC 8292: the signature, and what it says. */
async function verified(headers: IncomingMessage["headers"], audience: string) {
  const [, token = "", key = ""] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(headers.authorization ?? "") ?? [];
  const point = Buffer.from(key, "base64url");
  if (point.length !== 65 || point[0] !== 4) throw new Error(`no key: ${headers.authorization}`);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const jwk = await importJWK({ kty: "EC", crv: "P-256", x, y } as Parameters<typeof importJWK>[0], "ES256");
  const { payload } = await jwtVerify(token, jwk, { algorithms: ["ES256"], audience, requiredClaims: ["exp", "sub"] });
  if ((payload.exp ?? 0) > Date.now() / 1_000 + DAY) throw new Error("it is valid for more than a day");
  if (!/^(mailto:|https:)/.test(String(payload.sub))) throw new Error(`nobody can be reached by ${payload.sub}`);
  return { key, claims: payload };
}

/** RFC 8030, 5. */
function checkHeaders({ ttl, urgency, topic, "content-encoding": encoding }: IncomingMessage["headers"]): void {
  if (!/^\d+$/.test(String(ttl))) throw new Error(`the time to live is ${ttl}`);
  if (!/^(very-low|low|normal|high)$/.test(String(urgency))) throw new Error(`the urgency is ${urgency}`);
  if (!/^[\w-]{1,32}$/.test(String(topic))) throw new Error(`the topic is ${topic}`);
  if (encoding !== "aes128gcm") throw new Error(`the encoding is ${encoding}`);
}

/** RFC 8291, of one record (RFC 8188). */
function decrypted(body: Buffer, pair: ECDH, auth: Buffer): string {
  const [salt, keyLength = 0] = [body.subarray(0, 16), body[20]];
  const recordSize = body.readUInt32BE(16);
  const senderKey = body.subarray(21, 21 + keyLength);
  const record = body.subarray(21 + keyLength);
  if (body.length > 4_096 || record.length > recordSize) throw new Error(`${body.length} bytes`);
  const derive = (secret: Uint8Array, with_: Uint8Array, info: Uint8Array | string, length: number): Buffer =>
    Buffer.from(hkdfSync("sha256", secret, with_, info, length));
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), pair.getPublicKey(), senderKey]);
  const secret = derive(pair.computeSecret(senderKey), auth, info, 32);
  const key = derive(secret, salt, "Content-Encoding: aes128gcm\0", 16);
  const nonce = derive(secret, salt, "Content-Encoding: nonce\0", 12);
  const decipher = createDecipheriv("aes-128-gcm", key, nonce).setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== 2) throw new Error("the record is not the last one");
  return padded.subarray(0, end).toString();
}
