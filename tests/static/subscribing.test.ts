import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Session } from "../../lib/client/index.ts";
import type { Conversation } from "../../static/src/storage/records.ts";
import { eventually } from "../support/eventually.ts";

/** As in base64url, which is not as in base64. */
const KEY = "B-_-".padEnd(88, "A").slice(0, 87);
const OTHER_KEY = `C${KEY.slice(1)}`;
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const SESSION = {
  id: "me",
  username: "me",
  token: "t-1",
  deviceId: "phone",
  receipt: "r",
  expiresAt: "2100-01-01",
} as unknown as Session;

const conversation = (peerId: string, isMuted = false): Conversation =>
  ({ peerId, last: { isOwn: true }, hasAnswered: true, settings: { isMuted } }) as unknown as Conversation;

/**
 * What a browser has of push, which no engine has in Node, and a server that notes what it is asked. All tabs share it. What is put into
 * `before` is done before a step of this name, while the step is under way.
 */
class Surroundings {
  permission = "granted";
  publicKey = KEY;
  subscription: { readonly key: string; readonly endpoint: string } | undefined;
  readonly done: string[] = [];
  readonly asked: { readonly method: string; readonly body: Record<string, unknown>; readonly token: string }[] = [];
  readonly answered: string[] = [];
  isRefusing = false;
  /** Whether the worker is there. */
  isActive = true;
  hasPushService = true;
  readonly before = new Map<string, () => Promise<unknown> | undefined>();
  readonly stored = new Map<string, string>();
  readonly cached = new Map<string, Response>();
  #subscriptions = 0;

  install(): void {
    const { stored, cached } = this;
    vi.stubGlobal("localStorage", {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, value: string) => stored.set(name, value),
      removeItem: (name: string) => stored.delete(name),
    });
    vi.stubGlobal("Notification", { requestPermission: undefined });
    Object.defineProperty(Notification, "permission", { get: () => this.permission });
    vi.stubGlobal("PushManager", class {});
    vi.stubGlobal("caches", {
      match: async (path: string) => cached.get(path)?.clone(),
      open: async () => ({
        put: async (path: string, response: Response) => {
          await this.#step("put");
          cached.set(path, response);
        },
      }),
      has: async () => cached.size > 0,
      delete: async () => cached.clear(),
    });
    const { locks } = navigator;
    const serviceWorker = {
      getRegistration: async () => ({ active: this.isActive ? {} : null, pushManager: this.#manager }),
    };
    vi.stubGlobal("navigator", { locks, serviceWorker });
    vi.stubGlobal("fetch", async (_: string, { method, headers, body }: Asked) => {
      const token = headers.authorization.replace("Bearer ", "");
      this.asked.push({ method, token, body: JSON.parse(body ?? "{}") });
      await this.#step(method);
      this.answered.push(method);
      if (this.isRefusing) return new Response("{}", { status: 503 });
      return method === "GET" ? Response.json({ publicKey: this.publicKey }) : new Response(null, { status: 204 });
    });
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: 100 * DAY });
    this.logIn(SESSION);
  }

  logIn(session: Session): void {
    this.stored.set("gotalk.session.2", JSON.stringify(session));
  }

  get methods(): string[] {
    return this.asked.map(({ method }) => method);
  }

  /** What the worker knows. */
  async kept(): Promise<unknown> {
    return this.cached.get("/gotalk-push")?.clone().json();
  }

  /** Until a request of this method was answered, or the tab that makes it waits for its turn. */
  untilToldOrWaiting(method: string): Promise<void> {
    return eventually(async () => {
      const { pending = [] } = await navigator.locks.query();
      const isWaiting = pending.some(({ name }) => name === "gotalk-push.server");
      expect(isWaiting || this.answered.includes(method)).toBe(true);
    });
  }

  async #step(name: string): Promise<void> {
    const meanwhile = this.before.get(name);
    this.before.delete(name);
    await meanwhile?.();
  }

  readonly #manager = {
    getSubscription: async () => this.#seen(),
    subscribe: async ({ applicationServerKey: key = "" }: { applicationServerKey?: string }) => {
      await this.#step("subscribe");
      if (!this.hasPushService) throw new DOMException("Registration failed", "AbortError");
      if (this.subscription !== undefined && this.subscription.key !== key) throw new Error("for another key");
      this.subscription ??= { key, endpoint: `https://push.example/${++this.#subscriptions}` };
      return this.#seen();
    },
  };

  #seen() {
    if (this.subscription === undefined) return null;
    const { key, endpoint } = this.subscription;
    return {
      endpoint,
      options: { applicationServerKey: new Uint8Array(Buffer.from(key, "base64url")).buffer },
      toJSON: () => ({ endpoint }),
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

/** The part as one tab has it: what a module knows is of its tab alone. */
class Tab {
  readonly part: typeof import("../../static/src/push/subscribing.ts");
  readonly choice: typeof import("../../static/src/push/choice.ts");

  constructor(part: Tab["part"], choice: Tab["choice"]) {
    this.part = part;
    this.choice = choice;
  }

  static async open(): Promise<Tab> {
    vi.resetModules();
    return new Tab(
      await import("../../static/src/push/subscribing.ts"),
      await import("../../static/src/push/choice.ts"),
    );
  }

  keep(all: readonly Conversation[] = [], session = SESSION): Promise<void> {
    return this.part.keepSubscribed(session, all);
  }

  get obstacle(): string | undefined {
    return this.part.obstacle.value;
  }
}

/** Waits until the browser's own part has ended, except within the step that it waits for itself. */
async function endedHere(step: string): Promise<void> {
  if (step !== "put") await navigator.locks.request("gotalk-push.browser", async () => undefined);
}

describe("a device that may notify", () => {
  let around: Surroundings;
  let tab: Tab;

  beforeEach(async () => {
    around = new Surroundings();
    around.install();
    tab = await Tab.open();
    return () => {
      vi.useRealTimers();
      vi.unstubAllGlobals();
    };
  });

  it("subscribes and tells the server, and tells it nothing again that it knows", async () => {
    await tab.keep([conversation("bob", true), conversation("carol")]);
    expect(around.methods).toEqual(["GET", "PUT"]);
    expect(around.asked[1]).toMatchObject({ token: "t-1", body: { muted: ["bob"], showText: false } });
    await tab.keep([conversation("bob", true), conversation("carol")]);
    expect(around.methods).toEqual(["GET", "PUT"]);
    await tab.keep([conversation("bob"), conversation("carol")]);
    expect(around.asked.slice(2)).toMatchObject([{ method: "PUT", body: { muted: [] } }]);
    tab.choice.choose("me", { showText: true });
    await tab.keep([conversation("bob"), conversation("carol")]);
    expect(around.asked.slice(3)).toMatchObject([{ method: "PUT", body: { showText: true } }]);
    expect(around.done).toEqual([]);
  });

  it("tells nothing again when a message has changed the order of the list, and leaves the worker's entry alone", async () => {
    await tab.keep([conversation("bob", true), conversation("carol", true)]);
    around.before.set("put", () => Promise.reject(new Error("written again")));
    await tab.keep([conversation("carol", true), conversation("bob", true)]);
    expect([around.methods, around.before.has("put")]).toEqual([["GET", "PUT"], true]);
  });

  it("tells of 200 muted conversations at most", async () => {
    await tab.keep(Array.from({ length: 201 }, (_, index) => conversation(`p-${1_000 + index}`, true)));
    const muted = around.asked[1]?.body["muted"] as string[];
    expect([muted.length, muted[0], muted.at(-1)]).toEqual([200, "p-1000", "p-1199"]);
  });

  it("takes a new subscription for the server's key in the place of one for another key", async () => {
    around.subscription = { key: OTHER_KEY, endpoint: "https://push.example/old" };
    await tab.keep();
    expect([around.done, around.subscription?.key, around.methods]).toEqual([["unsubscribe"], KEY, ["GET", "PUT"]]);
  });

  it.each([
    ["without the permission", "denied", SESSION],
    ["before it was asked for", "default", SESSION],
    ["on the shared device", "granted", { ...SESSION, deviceId: "shared" } as Session],
    ["on no device", "granted", { ...SESSION, deviceId: undefined } as unknown as Session],
    ["for a session that has ended", "granted", { ...SESSION, token: "t-0" } as Session],
  ])("does nothing %s", async (_, permission, session) => {
    around.permission = permission;
    await tab.keep([], session);
    expect([around.asked, around.subscription, around.cached.size]).toEqual([[], undefined, 0]);
  });

  describe("whose server may have lost what it was told", () => {
    it("tells it again in the next session, by a subscription of its own", async () => {
      await tab.keep();
      const next = { ...SESSION, token: "t-2" };
      around.logIn(next);
      await tab.keep([], next);
      expect(around.asked.map(({ method, token }) => `${method} ${token}`)).toEqual([
        "GET t-1",
        "PUT t-1",
        "GET t-2",
        "PUT t-2",
      ]);
      expect(around.done).toEqual(["unsubscribe"]);
      expect(around.asked[3]?.body["endpoint"]).not.toBe(around.asked[1]?.body["endpoint"]);
    });

    it("tells it again after a day, and not before", async () => {
      await tab.keep();
      vi.setSystemTime(101 * DAY - 1);
      await tab.keep();
      expect(around.methods).toEqual(["GET", "PUT"]);
      vi.setSystemTime(101 * DAY);
      await tab.keep();
      expect(around.methods).toEqual(["GET", "PUT", "GET", "PUT"]);
      await tab.keep();
      expect(around.methods).toHaveLength(4);
      expect(around.done).toEqual([]);
    });

    it("tells it again when the clock was set back", async () => {
      await tab.keep();
      vi.setSystemTime(99 * DAY);
      await tab.keep();
      expect(around.methods).toEqual(["GET", "PUT", "GET", "PUT"]);
    });

    it.each([
      ["a day later", () => vi.setSystemTime(101 * DAY), SESSION],
      ["in the next session", () => undefined, { ...SESSION, token: "t-2" }],
    ])("subscribes with its new key %s, and says so to the worker", async (_, wait, session) => {
      await tab.keep();
      around.publicKey = OTHER_KEY;
      wait();
      around.logIn(session);
      await tab.keep([], session);
      expect([around.done, around.subscription?.key]).toEqual([["unsubscribe"], OTHER_KEY]);
      expect(around.asked.at(-1)).toMatchObject({ method: "PUT", body: { endpoint: around.subscription?.endpoint } });
      expect(await around.kept()).toMatchObject({ publicKey: OTHER_KEY, token: session.token });
    });
  });

  describe("while the browser or the server refuses", () => {
    it("leaves the server alone for ten minutes, and then tries again by itself, with the newest", async () => {
      around.isRefusing = true;
      await tab.keep();
      around.isRefusing = false;
      await vi.advanceTimersByTimeAsync(10 * MINUTE - 1);
      await tab.keep([conversation("bob", true)]);
      expect(around.methods).toEqual(["GET"]);
      vi.advanceTimersByTime(1);
      await eventually(() => expect(tab.choice.toldOf(SESSION)).toBeDefined());
      expect(around.methods).toEqual(["GET", "GET", "PUT"]);
      expect(around.asked[2]?.body["muted"]).toEqual(["bob"]);
    });

    it("tells the worker at once what the server does not know yet", async () => {
      tab.choice.choose("me", { showText: true });
      await tab.keep([conversation("bob")]);
      around.isRefusing = true;
      await tab.keep([conversation("bob", true)]);
      expect(await around.kept()).toMatchObject({ muted: ["bob"], showText: true, publicKey: KEY });
      tab.choice.choose("me", { showText: false });
      await tab.keep([conversation("bob", true)]);
      expect(around.methods).toEqual(["GET", "PUT", "PUT"]);
      expect(await around.kept()).toMatchObject({ muted: ["bob"], showText: false, publicKey: KEY });
    });

    it("tells the worker the newest, also where it has changed while an attempt was under way", async () => {
      let second: Promise<void> | undefined;
      around.before.set("GET", async () => {
        second = tab.keep([conversation("bob", true)]);
        await around.untilToldOrWaiting("PUT");
      });
      around.before.set("PUT", async () => {
        around.isRefusing = true;
      });
      await tab.keep([conversation("bob")]);
      await second;
      expect(around.answered).toEqual(["GET", "PUT"]);
      expect(await around.kept()).toMatchObject({ muted: ["bob"] });
    });

    it("does not try again for a session that has ended", async () => {
      around.isRefusing = true;
      await tab.keep();
      around.logIn({ ...SESSION, token: "t-2" });
      await vi.advanceTimersByTimeAsync(10 * MINUTE);
      // In turn, so that an attempt of the one before would have been made.
      await tab.keep([], { ...SESSION, token: "t-2" });
      expect(around.asked.map(({ token }) => token).filter((token) => token === "t-1")).toHaveLength(1);
    });

    it("knows why nothing comes, until something does", async () => {
      around.hasPushService = false;
      await tab.keep();
      expect(tab.obstacle).toBe("browser");
      around.hasPushService = true;
      around.isRefusing = true;
      // It is too early, which is no news.
      await tab.keep();
      expect(tab.obstacle).toBe("browser");
      await vi.advanceTimersByTimeAsync(10 * MINUTE);
      await eventually(() => expect(tab.obstacle).toBe("server"));
      around.isRefusing = false;
      await vi.advanceTimersByTimeAsync(10 * MINUTE);
      await eventually(() => expect(tab.obstacle).toBeUndefined());
    });

    it("knows that nothing can come to the shared device, or to a browser without push", async () => {
      await tab.keep([], { ...SESSION, deviceId: "shared" } as Session);
      expect(tab.obstacle).toBe("shared");
      vi.stubGlobal("PushManager", undefined);
      Reflect.deleteProperty(globalThis, "PushManager");
      await tab.keep();
      expect(tab.obstacle).toBe("unsupported");
    });
  });

  describe("and whose person wants it otherwise", () => {
    it("ends the subscription here and there, until they want it again", async () => {
      await tab.keep([conversation("bob")]);
      await tab.part.unsubscribe(SESSION);
      expect([around.done, around.methods.slice(2), around.cached.size]).toEqual([["unsubscribe"], ["DELETE"], 0]);
      await tab.keep([conversation("bob")]);
      expect(around.methods).toHaveLength(3);
      tab.choice.choose("me", { isOff: false });
      await tab.keep([conversation("bob")]);
      expect(around.methods.slice(3)).toEqual(["GET", "PUT"]);
    });

    it("does not undo in one tab what was chosen in another", async () => {
      const other = await Tab.open();
      tab.choice.choose("me", { showText: true });
      await tab.keep();
      await other.keep();
      tab.choice.choose("me", { showText: false });
      await tab.keep();
      await other.keep([conversation("bob", true)]);
      expect(around.asked.at(-1)).toMatchObject({ method: "PUT", body: { muted: ["bob"], showText: false } });
      expect(await around.kept()).toMatchObject({ showText: false });
      await tab.part.unsubscribe(SESSION);
      const { length } = around.asked;
      await other.keep([conversation("bob")]);
      expect([around.asked.length, around.subscription, around.cached.size]).toEqual([length, undefined, 0]);
      expect(tab.choice.choiceOf("me").isOff).toBe(true);
    });

    it("hears of a choice in another tab", async () => {
      const target = new EventTarget();
      vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
      vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
      const stop = tab.choice.followChoices();
      const tell = (key: string | null) => target.dispatchEvent(Object.assign(new Event("storage"), { key }));
      // What another tab has told is no choice: tabs would go on to tell each other.
      for (const key of ["gotalk-push.me", null, "gotalk.session.2", "gotalk-push-told"]) tell(key);
      expect(tab.choice.changes.value).toBe(2);
      stop();
      tell("gotalk-push.me");
      expect(tab.choice.changes.value).toBe(2);
    });

    it.each([
      ["put", ["DELETE"]],
      ["GET", ["GET", "DELETE"]],
      ["subscribe", ["GET", "DELETE"]],
      ["PUT", ["GET", "PUT", "DELETE"]],
    ])("is off also where that was said during the step %s of another tab", async (step, methods) => {
      const other = await Tab.open();
      let off: Promise<void> | undefined;
      around.before.set(step, async () => {
        off = tab.part.unsubscribe(SESSION);
        await endedHere(step);
        if (step !== "put") await around.untilToldOrWaiting("DELETE");
      });
      await other.keep();
      await off;
      expect([around.subscription, around.cached.size, around.answered]).toEqual([undefined, 0, methods]);
      expect(tab.choice.choiceOf("me")).toEqual({ isOff: true });
    });
  });

  it("tells the server that it is off though the browser cannot end it here", async () => {
    await tab.keep();
    vi.stubGlobal("caches", { delete: async () => expect.fail("out of order") });
    await expect(tab.part.unsubscribe(SESSION)).rejects.toThrow("out of order");
    expect(around.methods.at(-1)).toBe("DELETE");
  });

  it("waits for the worker, without a request", async () => {
    around.isActive = false;
    await tab.keep();
    expect(around.asked).toEqual([]);
    around.isActive = true;
    await tab.keep();
    expect(around.methods).toEqual(["GET", "PUT"]);
  });

  describe("whose session ends", () => {
    const logOut = (erasedId?: string) => {
      around.stored.delete("gotalk.session.2");
      return tab.part.endWithSession(erasedId);
    };

    it("ends the browser's own subscription, without asking the server, and keeps the choice", async () => {
      tab.choice.choose("me", { showText: true });
      await tab.keep();
      await logOut();
      expect([around.done, around.subscription, around.cached.size]).toEqual([["unsubscribe"], undefined, 0]);
      expect([around.methods, tab.choice.choiceOf("me").showText]).toEqual([["GET", "PUT"], true]);
    });

    it("ends what a tab has left that was closed too soon, at the next start", async () => {
      await tab.keep();
      around.stored.delete("gotalk.session.2");
      const { endLeftPush } = await import("../../static/src/chat/endPush.ts");
      await endLeftPush();
      expect([around.subscription, around.cached.size]).toEqual([undefined, 0]);
      expect([...around.stored.keys()]).not.toContain("gotalk-push-told");
      // There is nothing left to end, and no part is loaded for it.
      vi.doMock("../../static/src/push/subscribing.ts", () => expect.fail("it is loaded"));
      await endLeftPush();
      vi.doUnmock("../../static/src/push/subscribing.ts");
    });

    it("needs no part where push was never on, and says so where something is left, or the browser does not tell", async () => {
      vi.doMock("../../static/src/push/subscribing.ts", () => expect.fail("no network"));
      const { endPush } = await import("../../static/src/chat/endPush.ts");
      expect(await endPush("me")).toBe(true);
      await tab.keep();
      expect(await endPush("me")).toBe(false);
      around.cached.clear();
      vi.stubGlobal("localStorage", undefined);
      expect(await endPush("me")).toBe(false);
      vi.doUnmock("../../static/src/push/subscribing.ts");
    });

    it("ends what it has left also where the next user wants no push", async () => {
      await tab.keep();
      const next = { ...SESSION, id: "you", token: "t-2" };
      around.logIn(next);
      tab.choice.choose("you", { isOff: true });
      await tab.part.keepSubscribed(next, []);
      expect([around.subscription, around.cached.size, around.methods]).toEqual([undefined, 0, ["GET", "PUT"]]);
    });

    it("says nothing to the next one of what was refused", async () => {
      around.isRefusing = true;
      await tab.keep();
      expect(tab.part.obstacle.value).toBe("server");
      around.isRefusing = false;
      const next = { ...SESSION, id: "you", token: "t-2" };
      around.logIn(next);
      await tab.part.keepSubscribed(next, []);
      expect([tab.part.obstacle.value, around.methods]).toEqual([undefined, ["GET", "GET", "PUT"]]);
      // A tab that still shows the session before ends nothing of the next one.
      await tab.part.keepSubscribed(SESSION, []);
      expect(around.subscription).toBeDefined();
    });

    it.each(["put", "GET", "subscribe", "PUT"])(
      "leaves nothing where it is erased during the step %s of another tab",
      async (step) => {
        const other = await Tab.open();
        let end: Promise<void> | undefined;
        around.before.set(step, async () => {
          end = logOut("me");
          await endedHere(step);
        });
        await other.keep();
        await end;
        expect([around.subscription, around.cached.size, [...around.stored]]).toEqual([undefined, 0, []]);
      },
    );
  });

  describe("that several people use", () => {
    it("keeps what each of them has chosen", async () => {
      tab.choice.choose("me", { isOff: true });
      tab.choice.choose("you", { isDismissed: true });
      tab.choice.choose("you", { showText: true });
      expect([tab.choice.choiceOf("me"), tab.choice.choiceOf("you"), tab.choice.choiceOf("them")]).toEqual([
        { isOff: true },
        { isDismissed: true, showText: true },
        {},
      ]);
      tab.choice.removeChoice("me");
      expect([tab.choice.choiceOf("me"), tab.choice.choiceOf("you").showText]).toEqual([{}, true]);
    });

    it("keeps it for a tab where the browser has no more room, and does not tell the server again and again", async () => {
      tab.choice.choose("me", { isOff: false });
      const { getItem, removeItem } = localStorage;
      const setItem = () => expect.fail("no room");
      vi.stubGlobal("localStorage", { getItem, removeItem, setItem });
      await tab.keep();
      await tab.keep();
      expect(around.methods).toEqual(["GET", "PUT"]);
      await tab.part.unsubscribe(SESSION);
      await tab.keep();
      expect([around.methods, around.subscription]).toEqual([["GET", "PUT", "DELETE"], undefined]);
    });

    it("keeps it for a tab where the browser stores nothing", () => {
      vi.stubGlobal("localStorage", undefined);
      tab.choice.choose("me", { isDismissed: true });
      expect([tab.choice.choiceOf("me"), tab.choice.choiceOf("you")]).toEqual([{ isDismissed: true }, {}]);
      tab.choice.removeChoice("me");
      expect(tab.choice.choiceOf("me")).toEqual({});
    });
  });

  describe("with the records of an older page", () => {
    const older = (more: object) => around.stored.set("gotalk-push", JSON.stringify({ id: "me", ...more }));

    it("goes on with the choice of whose it is, and of nobody else", async () => {
      older({ isOff: true, isDismissed: true, told: "[]" });
      expect(tab.choice.choiceOf("you")).toEqual({});
      tab.choice.choose("you", { showText: true });
      expect(tab.choice.choiceOf("me")).toEqual({ isOff: true, isDismissed: true, showText: false });
      await tab.keep();
      expect(around.asked).toEqual([]);
      tab.choice.choose("me", { isOff: false });
      expect(tab.choice.choiceOf("me")).toEqual({ isOff: false, isDismissed: true, showText: false });
      expect(around.stored.has("gotalk-push")).toBe(false);
    });

    it("takes neither the key in the worker's entry nor what was told for what the server knows today", async () => {
      const kept = { token: "t-1", publicKey: OTHER_KEY, showText: true, muted: [], known: [] };
      around.cached.set("/gotalk-push", Response.json(kept));
      around.subscription = { key: OTHER_KEY, endpoint: "https://push.example/old" };
      older({ showText: true, told: JSON.stringify(["t-1", "https://push.example/old", true, []]) });
      await tab.keep();
      expect([around.methods, around.subscription?.key]).toEqual([["GET", "PUT"], KEY]);
      expect(around.asked[1]?.body).toMatchObject({ showText: true });
      expect(await around.kept()).toEqual({ ...kept, publicKey: KEY });
    });

    it("keeps no old record of whom the device is erased of, and that of anybody else", async () => {
      older({});
      await tab.part.endWithSession("you");
      expect(around.stored.has("gotalk-push")).toBe(true);
      await tab.part.endWithSession("me");
      expect(around.stored.has("gotalk-push")).toBe(false);
    });
  });
});
