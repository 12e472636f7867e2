import type { BrowserContext, Worker } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/page/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { chooseInMenu, openFromMenu } from "./support/menu.ts";

const P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const KEYS = { p256dh: P256DH, auth: "BTBZMqHH6r4Tts7J_aSIgg" };

/** Of a public address, so that the server looks up no name. Nothing is pushed while the page is connected. */
const ENDPOINT = "https://8.8.8.8/p";

/** Stands in for the browser's push service, which cannot be reached from here, and for the person's permission. Runs in the page. */
function withPush({ permission, endpoint, keys }: { permission: string; endpoint: string; keys: object }): void {
  let now = permission;
  Object.defineProperty(Notification, "permission", { get: () => now });
  Notification.requestPermission = async () => {
    now = "granted";
    return "granted";
  };
  let subscription: unknown = null;
  const subscribed = (options: PushSubscriptionOptionsInit) => {
    const text = String(options.applicationServerKey).replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return {
      endpoint,
      options: { applicationServerKey: bytes.buffer },
      toJSON: () => ({ endpoint, expirationTime: null, keys }),
      unsubscribe: async () => {
        subscription = null;
        return true;
      },
    };
  };
  PushManager.prototype.getSubscription = async () => subscription as PushSubscription | null;
  PushManager.prototype.subscribe = async (options = {}) => {
    subscription = subscribed(options);
    return subscription as PushSubscription;
  };
}

const pushing =
  (permission: NotificationPermission) =>
  (context: BrowserContext): Promise<unknown> =>
    context.addInitScript(withPush, { permission, endpoint: ENDPOINT, keys: KEYS });

interface Asked {
  readonly method: string;
  readonly body: Record<string, unknown>;
}

/** What the page asks of `/push`, from now on. */
function requestsOf({ page }: Visitor): Asked[] {
  const asked: Asked[] = [];
  page.on("requestfinished", (request) => {
    if (new URL(request.url()).pathname === "/push") {
      asked.push({ method: request.method(), body: JSON.parse(request.postData() ?? "{}") });
    }
  });
  return asked;
}

const BAR = "Do you want a notification when a message comes";

describe("notifications while the page is closed", () => {
  const { visitor, client } = usePage();

  const workerOf = async ({ page, context }: Visitor): Promise<Worker> => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const [worker] = context.serviceWorkers();
    if (worker === undefined) throw new Error("There is no service worker.");
    return worker;
  };

  it("are asked for once a message was received, by a click; then the server is told where, and of mutes and choices", async () => {
    const alice = await visitor("alice", { serviceWorkers: "allow", before: pushing("default") });
    const bob = await client("bob");
    const { id } = await bob.find(alice.username);
    await workerOf(alice);
    const asked = requestsOf(alice);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Hello, Bob!");
    expect(await alice.page.getByText(BAR).count()).toBe(0);
    await bob.send({ to: id, content: "Hello, Alice!" });
    await alice.page.getByText(BAR).waitFor();
    expect(asked).toEqual([]);
    await alice.button("Turn on notifications").click();
    await alice.page.getByText(BAR).waitFor({ state: "detached" });
    await eventually(async () => expect(asked.map(({ method }) => method)).toEqual(["GET", "PUT"]));
    expect(asked[1]?.body).toEqual({
      endpoint: ENDPOINT,
      expirationTime: null,
      keys: KEYS,
      showText: false,
      muted: [],
    });
    expect(await alice.button(/Account/).evaluate((button) => button === document.activeElement)).toBe(true);

    await chooseInMenu(alice, "Mute");
    await eventually(async () => expect(asked).toHaveLength(3));
    expect(asked[2]).toMatchObject({ method: "PUT", body: { muted: [bob.session?.id] } });

    const dialog = await openFromMenu(alice, "Notifications");
    await dialog.getByLabel("Then show what is written").check();
    await eventually(async () => expect(asked).toHaveLength(4));
    expect(asked[3]).toMatchObject({ method: "PUT", body: { showText: true } });
    await dialog.getByLabel("Also while goTalk is closed").uncheck();
    await eventually(async () => expect(asked).toHaveLength(5));
    expect(asked[4]?.method).toBe("DELETE");
    await dialog.getByLabel("Also while goTalk is closed").check();
    await eventually(async () => expect(asked.slice(5).map(({ method }) => method)).toEqual(["GET", "PUT"]));
  });

  it("are told to the server again by the next session, and not again by a reload", async () => {
    const alice = await visitor("alice", { serviceWorkers: "allow", before: pushing("granted") });
    const bob = await client("bob");
    await workerOf(alice);
    const asked = requestsOf(alice);
    const puts = () => asked.filter(({ method }) => method === "PUT");
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Hello, Alice!" });
    await eventually(async () => expect(puts()).toHaveLength(1));
    await alice.page.reload();
    await alice.connected();
    await alice.conversations.getByText("Hello, Alice!").waitFor();
    await alice.button(/Account/).click();
    await alice.button("Log out").click();
    await alice.fillIn();
    await alice.button("Log in").click();
    await alice.connected();
    await eventually(async () => expect(puts()).toHaveLength(2));
  });

  it("are not asked for again by who wants to be left alone", async () => {
    const alice = await visitor("alice", { serviceWorkers: "allow", before: pushing("default") });
    const bob = await client("bob");
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Hello, Alice!" });
    await alice.button("Not now").click();
    await alice.page.getByText(BAR).waitFor({ state: "detached" });
    await alice.page.reload();
    await alice.connected();
    await alice.conversations.getByText("Hello, Alice!").waitFor();
    // The part is there once it knows of the choice.
    await alice.page.waitForFunction(() =>
      performance.getEntriesByType("resource").some(({ name }) => name.includes("PushBar")),
    );
    expect(await alice.page.getByText(BAR).count()).toBe(0);
  });

  it("need the home screen on iOS, and the page says so", async () => {
    const alice = await visitor("alice", {
      before: (context) =>
        context.addInitScript(() => {
          Reflect.deleteProperty(globalThis, "Notification");
          Object.defineProperty(navigator, "standalone", { value: false });
        }),
    });
    const bob = await client("bob");
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Hello, Alice!" });
    await alice.page.getByText("Add it there first: tap Share").waitFor();
    await alice.button("OK").click();
    await alice.page.getByText("Add it there first").waitFor({ state: "detached" });
    const dialog = await openFromMenu(alice, "Notifications");
    await dialog.getByText("Add goTalk to the home screen first").waitFor();
  });

  describe("by the service worker", () => {
    /** Keeps what the worker shows: headless Chromium refuses notifications whatever it is granted, and a badge ends its worker. */
    const record = (worker: Worker): Promise<void> =>
      worker.evaluate(() => {
        const shown: unknown[] = [];
        Object.assign(globalThis, { shown });
        const registration = Reflect.get(globalThis, "registration") as ServiceWorkerRegistration;
        registration.showNotification = async (title, options) => void shown.push({ title, ...options });
        registration.getNotifications = async () => shown as Notification[];
        Object.defineProperty(navigator, "setAppBadge", {
          value: async (count: number) => shown.push({ badge: count }),
        });
      });
    const shownBy = (worker: Worker): Promise<Record<string, unknown>[]> =>
      worker.evaluate(() => Reflect.get(globalThis, "shown"));
    const hideWindows = (worker: Worker): Promise<unknown> =>
      worker.evaluate(() => Object.assign(Reflect.get(globalThis, "clients"), { matchAll: async () => [] }));

    /** A push as DevTools delivers it: by the browser's own way to the worker. */
    async function deliver({ context, page, url }: Visitor, content: object): Promise<void> {
      const devtools = await context.newCDPSession(page);
      const registrations: string[] = [];
      devtools.on("ServiceWorker.workerRegistrationUpdated", (event) => {
        for (const { registrationId, isDeleted } of event.registrations)
          if (!isDeleted) registrations.push(registrationId);
      });
      await devtools.send("ServiceWorker.enable");
      await eventually(async () => expect(registrations).not.toEqual([]));
      const [registrationId = ""] = registrations;
      await devtools.send("ServiceWorker.deliverPushMessage", {
        origin: url,
        registrationId,
        data: JSON.stringify(content),
      });
      await devtools.detach();
    }

    it("shows who has written, and what only where the person wants it and knows who it is", async () => {
      const alice = await visitor("alice", { serviceWorkers: "allow", before: pushing("granted") });
      const [bob, carol] = await Promise.all([client("bob"), client("carol")]);
      const worker = await workerOf(alice);
      await record(worker);
      await alice.talkTo(bob.session?.username ?? "");
      await alice.sendForSure("Hello, Bob!");
      await carol.send({ to: (await carol.find(alice.username)).id, content: "I am a stranger" });
      await alice.conversations
        .getByText("Message request")
        .or(alice.conversations.getByText("I am a stranger"))
        .waitFor();
      const [bobId, carolId] = [bob.session?.id, carol.session?.id];
      await eventually(async () => {
        const kept = await alice.page.evaluate(async () => (await caches.match("/gotalk-push"))?.text());
        expect(kept).toContain(bobId);
        expect(kept).not.toContain(`"known":[]`);
      });
      const push = (conversation: string | undefined, more: object = {}) =>
        deliver(alice, { conversation, senderId: conversation, senderName: "bob", sentAt: 1, ...more });
      // The page is visible, and shows it by itself.
      await push(bobId, { text: "seen" });
      await hideWindows(worker);
      await push(bobId, { text: "Secret?" });
      await eventually(async () => expect(await shownBy(worker)).toHaveLength(2));
      await push(carolId, { senderName: "carol", text: "Buy this" });
      await push(bobId);
      await push("g-1", { groupName: "Climbing" });
      await eventually(async () => expect(await shownBy(worker)).toHaveLength(8));
      const shown = await shownBy(worker);
      expect(shown.filter(({ title }) => title)).toMatchObject([
        { title: "bob", body: "Secret?", tag: bobId },
        { title: "carol", body: "New message", tag: carolId },
        { title: "bob", body: "New message", tag: bobId },
        { title: "Climbing", body: "bob: New message", tag: "g-1" },
      ]);
      expect(shown.filter(({ badge }) => badge)).toHaveLength(4);
    });

    it("subscribes anew when the browser has lost the subscription, and tells the server without the page", async () => {
      const alice = await visitor("alice", { serviceWorkers: "allow", before: pushing("granted") });
      const bob = await client("bob");
      const worker = await workerOf(alice);
      await bob.send({ to: (await bob.find(alice.username)).id, content: "Hello, Alice!" });
      await eventually(async () => {
        const kept = await alice.page.evaluate(() => localStorage.getItem("gotalk-push"));
        expect(kept).toContain(ENDPOINT);
      });
      const told = await worker.evaluate(
        async ({ endpoint, keys }) => {
          const scope = globalThis as unknown as { registration: ServiceWorkerRegistration };
          const wanted: unknown[] = [];
          scope.registration.pushManager.subscribe = async (options) => {
            wanted.push(options);
            return { toJSON: () => ({ endpoint: `${endpoint}/2`, keys }) } as unknown as PushSubscription;
          };
          let work: Promise<unknown> = Promise.resolve();
          const statuses: number[] = [];
          const ask = fetch;
          globalThis.fetch = async (...request) => {
            const answer = await ask(...request);
            statuses.push(answer.status);
            return answer;
          };
          const waitUntil = (promise: Promise<unknown>) => {
            work = promise;
          };
          dispatchEvent(Object.assign(new Event("pushsubscriptionchange"), { waitUntil }));
          await work;
          globalThis.fetch = ask;
          return { wanted, statuses };
        },
        { endpoint: ENDPOINT, keys: KEYS },
      );
      expect(told).toEqual({
        wanted: [{ userVisibleOnly: true, applicationServerKey: expect.stringMatching(/^B[\w-]{86}$/) }],
        statuses: [204],
      });
    });

    it("opens the conversation on a click, also before its first message has come", async () => {
      const alice = await visitor("alice", { serviceWorkers: "allow", before: pushing("granted") });
      const bob = await client("bob");
      await alice.page.evaluate((id) => {
        location.hash = `#${id}`;
      }, bob.session?.id ?? "");
      await alice.page.waitForFunction(() => location.hash === "");
      await bob.send({ to: (await bob.find(alice.username)).id, content: "Here it is" });
      await alice.message("Here it is").waitFor();
    });

    it("keeps nothing of the user where the device is erased", async () => {
      const alice = await visitor("alice", { serviceWorkers: "allow", before: pushing("granted") });
      const bob = await client("bob");
      await workerOf(alice);
      await bob.send({ to: (await bob.find(alice.username)).id, content: "Hello, Alice!" });
      await eventually(async () => {
        expect(await alice.page.evaluate(() => localStorage.getItem("gotalk-push"))).toContain(ENDPOINT);
      });
      const dialog = await openFromMenu(alice, "Log out and erase this device");
      await dialog.getByRole("button", { name: /erase/i }).last().click();
      await alice.page.getByText("keeps nothing of").waitFor();
      const left = await alice.page.evaluate(async () => [
        localStorage.getItem("gotalk-push"),
        await caches.has("gotalk-push"),
      ]);
      expect(left).toEqual([null, false]);
    });
  });
});
