import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Session } from "../../lib/client/index.ts";
import type { Conversation } from "../../static/src/storage/records.ts";

/** As in base64url, which is not as in base64. */
const KEY = "B-_-".padEnd(88, "A").slice(0, 87);
const OTHER_KEY = `C${KEY.slice(1)}`;
const MINUTE = 60_000;
const SESSION = { id: "me", token: "t-1", deviceId: "phone" } as unknown as Session;

const conversation = (peerId: string, isMuted = false): Conversation =>
  ({ peerId, last: { isOwn: true }, hasAnswered: true, settings: { isMuted } }) as unknown as Conversation;

/** What a browser has of push, which no engine has in Node, and a server that notes what it is asked. */
class Surroundings {
  permission = "granted";
  subscription: { readonly key: string } | undefined;
  readonly done: string[] = [];
  readonly asked: { readonly method: string; readonly body: Record<string, unknown>; readonly token: string }[] = [];
  isRefusing = false;
  now = Date.now();
  readonly #stored = new Map<string, string>();
  readonly #cached = new Map<string, Response>();

  install(): void {
    const stored = this.#stored;
    const cached = this.#cached;
    vi.stubGlobal("localStorage", {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, value: string) => stored.set(name, value),
    });
    vi.stubGlobal("Notification", { requestPermission: undefined });
    Object.defineProperty(Notification, "permission", { get: () => this.permission });
    vi.stubGlobal("caches", {
      match: async (path: string) => cached.get(path)?.clone(),
      open: async () => ({ put: async (path: string, response: Response) => cached.set(path, response) }),
      delete: async () => cached.clear(),
    });
    vi.stubGlobal("navigator", { serviceWorker: { getRegistration: async () => ({ pushManager: this.#manager }) } });
    vi.stubGlobal("fetch", async (_: string, { method, headers, body }: Asked) => {
      const token = headers.authorization.replace("Bearer ", "");
      this.asked.push({ method, token, body: JSON.parse(body ?? "{}") });
      if (this.isRefusing) return new Response("{}", { status: 503 });
      return method === "GET" ? Response.json({ publicKey: KEY }) : new Response(null, { status: 204 });
    });
    vi.spyOn(Date, "now").mockImplementation(() => this.now);
  }

  get methods(): string[] {
    return this.asked.map(({ method }) => method);
  }

  readonly #manager = {
    getSubscription: async () => this.#seen(),
    subscribe: async ({ applicationServerKey: key = "" }: { applicationServerKey?: string }) => {
      if (this.subscription !== undefined && this.subscription.key !== key) throw new Error("for another key");
      this.subscription = { key };
      return this.#seen();
    },
  };

  #seen() {
    if (this.subscription === undefined) return null;
    const applicationServerKey = new Uint8Array(Buffer.from(this.subscription.key, "base64url")).buffer;
    return {
      endpoint: "https://push.example/1",
      options: { applicationServerKey },
      toJSON: () => ({ endpoint: "https://push.example/1" }),
      unsubscribe: async () => {
        this.done.push("unsubscribe");
        this.subscription = undefined;
      },
    };
  }
}

interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<"authorization", string>>;
  readonly body?: string;
}

describe("a device that may notify", () => {
  let around: Surroundings;
  let part: typeof import("../../static/src/push/subscribing.ts");

  beforeEach(async () => {
    around = new Surroundings();
    around.install();
    // Its state is that of a page.
    vi.resetModules();
    part = await import("../../static/src/push/subscribing.ts");
    return () => {
      vi.unstubAllGlobals();
      vi.restoreAllMocks();
    };
  });

  const keep = (all: readonly Conversation[] = [], session = SESSION) => part.keepSubscribed(session, all);

  it("subscribes and tells the server, and tells it nothing again that it knows", async () => {
    await keep([conversation("bob", true), conversation("carol")]);
    expect(around.methods).toEqual(["GET", "PUT"]);
    expect(around.asked[1]).toMatchObject({ token: "t-1", body: { muted: ["bob"], showText: false } });
    await keep([conversation("bob", true), conversation("carol")]);
    expect(around.methods).toEqual(["GET", "PUT"]);
    await keep([conversation("bob"), conversation("carol")]);
    expect(around.asked.slice(2)).toMatchObject([{ method: "PUT", body: { muted: [] } }]);
    part.choose("me", { showText: true });
    await keep([conversation("bob"), conversation("carol")]);
    expect(around.asked.slice(3)).toMatchObject([{ method: "PUT", body: { showText: true } }]);
    expect(around.done).toEqual([]);
  });

  it("tells it again in the next session, which has another token", async () => {
    await keep();
    await keep([], { ...SESSION, token: "t-2" });
    expect(around.asked.map(({ method, token }) => `${method} ${token}`)).toEqual(["GET t-1", "PUT t-1", "PUT t-2"]);
  });

  it("tells of 200 muted conversations at most", async () => {
    await keep(Array.from({ length: 201 }, (_, index) => conversation(`p-${index}`, true)));
    const muted = around.asked[1]?.body["muted"] as string[];
    expect([muted.length, muted[0], muted.at(-1)]).toEqual([200, "p-0", "p-199"]);
  });

  it("takes a new subscription for the server's key in the place of one for another key", async () => {
    around.subscription = { key: OTHER_KEY };
    await keep();
    expect([around.done, around.subscription, around.methods]).toEqual([["unsubscribe"], { key: KEY }, ["GET", "PUT"]]);
  });

  it.each([
    ["without the permission", "denied", SESSION],
    ["before it was asked for", "default", SESSION],
    ["on the shared device", "granted", { ...SESSION, deviceId: "shared" } as Session],
    ["on no device", "granted", { ...SESSION, deviceId: undefined } as unknown as Session],
  ])("does nothing %s", async (_, permission, session) => {
    around.permission = permission;
    await keep([], session);
    expect([around.asked, around.subscription]).toEqual([[], undefined]);
  });

  it("leaves the server alone for ten minutes after a refusal", async () => {
    around.isRefusing = true;
    await keep();
    around.isRefusing = false;
    around.now += 10 * MINUTE - 1;
    await keep();
    expect(around.methods).toEqual(["GET"]);
    around.now += 1;
    await keep();
    expect(around.methods).toEqual(["GET", "GET", "PUT"]);
  });

  it("ends the subscription here and there where the person wants none, until they want it again", async () => {
    await keep([conversation("bob")]);
    await part.unsubscribe(SESSION);
    expect([around.done, around.methods.slice(2)]).toEqual([["unsubscribe"], ["DELETE"]]);
    await keep([conversation("bob")]);
    expect(around.methods).toHaveLength(3);
    part.choose("me", { isOff: false });
    await keep([conversation("bob")]);
    expect(around.methods.slice(3)).toEqual(["GET", "PUT"]);
  });

  it("has no choice of another person who uses it", async () => {
    part.choose("me", { showText: true });
    expect([part.choiceOf("me").showText, part.choiceOf("you").showText]).toEqual([true, undefined]);
  });
});
