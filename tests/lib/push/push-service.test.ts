import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { Endpoints, PrivateAddress } from "../../../lib/push/endpoints.ts";
import { PushService } from "../../../lib/push/push-service.ts";
import { StoredVapidKeys, type VapidKeys } from "../../../lib/push/vapid-keys.ts";
import { CERTIFICATE } from "../../support/certificate.ts";
import { startEngine, type TestEngine } from "../../support/engines.ts";
import { type Browser, type Refusal, StandInPushService } from "../../support/push-service.ts";

const PUSH = { content: '{"text":"Hello, Bob! 👋"}', topic: "t".repeat(32), urgency: "high" } as const;

describe("calls of a push service", () => {
  let engine: TestEngine;
  let standIn: StandInPushService;
  let keys: VapidKeys;
  const stored = ({ endpoint, keys: of }: Browser) => ({ endpoint, ...of, showText: true, muted: [] });
  const serviceWith = (endpoints: Endpoints) =>
    new PushService({ endpoints, keys: async () => keys, contact: "https://talk.example.com", ca: CERTIFICATE });

  beforeAll(async () => {
    engine = await startEngine();
    standIn = await StandInPushService.start();
    keys = await new StoredVapidKeys(engine.accounts).get();
  });
  afterAll(async () => {
    await standIn?.close();
    await engine?.stop();
  });
  afterEach(() => vi.restoreAllMocks());

  it("are signed and encrypted as a push service and a browser demand, for a day", async () => {
    const browser = standIn.subscribe();
    expect(await serviceWith(new Endpoints(true)).send(stored(browser), PUSH)).toEqual({ kind: "sent" });
    expect(standIn.faults).toEqual([]);
    expect(standIn.of(browser)).toMatchObject([
      {
        content: { text: "Hello, Bob! 👋" },
        headers: { ttl: "86400", urgency: "high", topic: PUSH.topic },
        key: keys.publicKey,
        claims: { sub: "https://talk.example.com", aud: standIn.url },
      },
    ]);
  });

  it("take as many bytes whatever they say: their length tells nothing", async () => {
    const browser = standIn.subscribe();
    const service = serviceWith(new Endpoints(true));
    for (const content of ['{"a":1}', JSON.stringify({ text: "x".repeat(LIMITS.push.contentBytes - 11) })]) {
      expect(await service.send(stored(browser), { ...PUSH, content })).toEqual({ kind: "sent" });
    }
    const lengths = standIn.of(browser).map(({ headers }) => headers["content-length"]);
    expect(lengths).toEqual(["4096", "4096"]);
  });

  it.each<[string, Refusal, object]>([
    ["404", { status: 404 }, { kind: "gone" }],
    ["410", { status: 410 }, { kind: "gone" }],
    ["429", { status: 429 }, { kind: "later", after: undefined }],
    ["429 with seconds", { status: 429, headers: { "retry-after": "120" } }, { kind: "later", after: 120_000 }],
    ["429 with no wait", { status: 429, headers: { "retry-after": "0" } }, { kind: "later", after: 0 }],
    [
      "503 with ages",
      { status: 503, headers: { "retry-after": "9999999999" } },
      { kind: "later", after: 9999999999e3 },
    ],
    [
      "503 with a time that has passed",
      { status: 503, headers: { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" } },
      { kind: "later", after: 0 },
    ],
    ["503 with no time", { status: 503, headers: { "retry-after": "soon" } }, { kind: "later", after: undefined }],
    ["500", { status: 500 }, { kind: "later", after: undefined }],
    ["400", { status: 400 }, { kind: "refused", status: 400 }],
    ["403", { status: 403 }, { kind: "refused", status: 403 }],
    ["413", { status: 413 }, { kind: "refused", status: 413 }],
  ])("that are answered %s", async (_, refusal, outcome) => {
    const browser = standIn.subscribe();
    standIn.refuse(browser, refusal);
    expect(await serviceWith(new Endpoints(true)).send(stored(browser), PUSH)).toEqual(outcome);
  });

  it("are put off until a date that the push service names", async () => {
    const browser = standIn.subscribe();
    const date = new Date(Date.now() + 600_000).toUTCString();
    standIn.refuse(browser, { status: 503, headers: { "retry-after": date } });
    const outcome = await serviceWith(new Endpoints(true)).send(stored(browser), PUSH);
    expect(outcome).toMatchObject({ kind: "later" });
    expect(outcome).toHaveProperty("after", expect.closeTo(600_000, -5));
  });

  it.each([301, 302, 303, 307, 308])("follow no redirect: %i", async (status) => {
    const [from, to] = [standIn.subscribe(), standIn.subscribe()];
    standIn.refuse(from, { status, headers: { location: to.endpoint } });
    const asked = standIn.asked.length;
    expect(await serviceWith(new Endpoints(true)).send(stored(from), PUSH)).toEqual({ kind: "refused", status });
    expect(standIn.asked.slice(asked)).toEqual([new URL(from.endpoint).pathname]);
  });

  it("reach nothing private, whether a URL says it or a name that has changed its address", async () => {
    const asked: string[] = [];
    const inside: Server = createServer(({ url = "" }, response) => {
      asked.push(url);
      response.end();
    });
    await new Promise<void>((resolve) => void inside.listen(0, "127.0.0.1", resolve));
    inside.on("connection", () => asked.push("connection"));
    try {
      const { port } = inside.address() as AddressInfo;
      const literal = stored({ ...standIn.subscribe(), endpoint: `https://127.0.0.1:${port}/p` });
      expect(await serviceWith(new Endpoints()).send(literal, PUSH)).toEqual({ kind: "gone" });
      // It had a public address when it was registered.
      const named = stored({ ...standIn.subscribe(), endpoint: "https://push.example/p" });
      const rebound = new Endpoints(false, async () => [{ address: "127.0.0.1", family: 4 }]);
      await expect(serviceWith(rebound).send(named, PUSH)).rejects.toThrow(PrivateAddress);
      expect(asked).toEqual([]);
    } finally {
      inside.close();
    }
  });

  it("trust no certificate that nobody vouches for", async () => {
    const browser = standIn.subscribe();
    const service = new PushService({ endpoints: new Endpoints(true), keys: async () => keys, contact: "https://a.b" });
    await expect(service.send(stored(browser), PUSH)).rejects.toThrow(/certificate/);
    expect(standIn.of(browser)).toEqual([]);
  });

  it("end with their time where nobody answers", async () => {
    const browser = standIn.subscribe();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(AbortSignal.abort(new Error("late")));
    await expect(serviceWith(new Endpoints(true)).send(stored(browser), PUSH)).rejects.toThrow();
    expect(AbortSignal.timeout).toHaveBeenCalledWith(LIMITS.push.callTime);
  });

  it("fail for keys that are none, and for a content that no browser takes", async () => {
    const service = serviceWith(new Endpoints(true));
    const browser = standIn.subscribe();
    await expect(service.send({ ...stored(browser), auth: "AA" }, PUSH)).rejects.toThrow(/auth/);
    await expect(
      service.send(stored(browser), { ...PUSH, content: randomBytes(2_100).toString("hex") }),
    ).rejects.toThrow();
  });
});

describe("the key that push services know the server by", () => {
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(() => engine?.stop());

  it("is made once, by whichever of several functions asks first, and stays", async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => new StoredVapidKeys(engine.accounts).get()));
    expect(new Set(all.map(({ publicKey }) => publicKey)).size).toBe(1);
    const later = new StoredVapidKeys(engine.accounts);
    expect(await later.get()).toEqual(all[0]);
    expect(await later.get()).toBe(await later.get());
  });

  it("is read again after a failure", async () => {
    let isBroken = true;
    const send = (...call: unknown[]) =>
      isBroken ? Promise.reject(new Error("broken")) : engine.client.send(...(call as [never]));
    const store = new StoredVapidKeys({ ...engine.accounts, database: { send } as never });
    await expect(store.get()).rejects.toThrow("broken");
    isBroken = false;
    expect((await store.get()).publicKey).toMatch(/^B[\w-]{86}$/);
  });
});
