import type { Worker } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { chooseInMenu, openFromMenu } from "./support/menu.ts";
import { choicesOf, ENDPOINT, KEYS, keptOf, pushing } from "./support/pushing.ts";

/** What the worker has done, as {@link record} notes it. */
interface Done {
  readonly shown: Record<string, unknown>[];
  readonly badges: number[];
  readonly opened: string[];
}

/**
 * Keeps what the worker does: headless Chromium refuses notifications whatever it is granted, a badge ends its worker, and only a
 * person's click opens a window. The windows are those of `visible`, which are never the page's own.
 */
const record = (worker: Worker): Promise<void> =>
  worker.evaluate(() => {
    const done = { shown: [] as object[], badges: [] as number[], opened: [] as string[] };
    Object.assign(globalThis, { done });
    const scope = globalThis as unknown as { registration: ServiceWorkerRegistration; clients: object };
    const tags = new Set<string | undefined>();
    scope.registration.showNotification = async (title, options) => {
      done.shown.push({ title, ...options });
      tags.add(options?.tag);
    };
    scope.registration.getNotifications = async () => [...tags] as unknown as Notification[];
    Object.defineProperty(navigator, "setAppBadge", { value: async (count: number) => void done.badges.push(count) });
    Object.assign(scope.clients, { openWindow: async (url: string) => void done.opened.push(`new ${url}`) });
  });

const doneBy = (worker: Worker): Promise<Done> => worker.evaluate(() => Reflect.get(globalThis, "done"));

/** The windows as the worker sees them from now on. */
const showWindows = (worker: Worker, windows: readonly string[]): Promise<unknown> =>
  worker.evaluate((all) => {
    const { opened } = Reflect.get(globalThis, "done") as { opened: string[] };
    const clients = all.map((visibilityState) => {
      const client = {
        visibilityState,
        focus: async () => client,
        navigate: async (url: string) => void opened.push(`here ${url}`),
      };
      return client;
    });
    return Object.assign(Reflect.get(globalThis, "clients"), { matchAll: async () => clients });
  }, windows);

/** Tells the worker of an event, and waits until it has done what it does then. */
const tell = (worker: Worker, type: string, content: object): Promise<void> =>
  worker.evaluate(
    async ({ type, content }) => {
      const work: Promise<unknown>[] = [];
      const waitUntil = (promise: Promise<unknown>) => void work.push(promise);
      const data = { json: () => content };
      const notification = {
        ...content,
        close: () => void (Reflect.get(globalThis, "done") as { opened: string[] }).opened.push("closed"),
      };
      dispatchEvent(Object.assign(new Event(type), { data, notification, waitUntil }));
      await Promise.all(work);
    },
    { type, content },
  );

/** A push as DevTools delivers it: by the browser's own way to the worker. */
async function deliver({ context, page, url }: Visitor, content: object): Promise<void> {
  const devtools = await context.newCDPSession(page);
  const registrations: string[] = [];
  devtools.on("ServiceWorker.workerRegistrationUpdated", (event) => {
    for (const { registrationId, isDeleted } of event.registrations) if (!isDeleted) registrations.push(registrationId);
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

describe("the service worker", () => {
  const { visitor, client } = usePage();

  /** A page that knows Bob, and that a stranger has written to, with what the worker was told of them. */
  async function begin() {
    const alice = await visitor("alice", { serviceWorkers: "allow", before: pushing("granted") });
    const [bob, carol] = await Promise.all([client("bob"), client("carol")]);
    await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const [worker] = alice.context.serviceWorkers();
    if (worker === undefined) throw new Error("There is no service worker.");
    await record(worker);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Hello, Bob!");
    await carol.send({ to: (await carol.find(alice.username)).id, content: "I am a stranger" });
    await alice.conversations
      .getByText("Message request")
      .or(alice.conversations.getByText("I am a stranger"))
      .waitFor();
    const [bobId = "", carolId = ""] = [bob.session?.id, carol.session?.id];
    await eventually(async () => expect(await keptOf(alice)).toContain(`"known":["${bobId}"]`));
    await eventually(async () => expect(await choicesOf(alice)).toContain(ENDPOINT));
    const push = (conversation: string, more: object = {}) =>
      tell(worker, "push", { conversation, senderId: conversation, senderName: "bob", sentAt: 1, ...more });
    return { alice, worker, bobId, carolId, push };
  }

  const showTexts = async (alice: Visitor, isShown: boolean): Promise<void> => {
    const dialog = await openFromMenu(alice, "Notifications");
    await dialog.getByLabel("Then show what is written").setChecked(isShown);
    await eventually(async () => expect(await keptOf(alice)).toContain(`"showText":${isShown}`));
    await alice.page.keyboard.press("Escape");
  };

  it("shows a push that comes by the browser's way", async () => {
    const { alice, worker, bobId } = await begin();
    await showWindows(worker, []);
    await deliver(alice, { conversation: bobId, senderId: bobId, senderName: "bob", sentAt: 1 });
    await eventually(async () => expect((await doneBy(worker)).shown).toMatchObject([{ title: "bob", tag: bobId }]));
  });

  it("shows who has written, and what only where the person wants it and knows who it is", async () => {
    const { alice, worker, bobId, carolId, push } = await begin();
    await showWindows(worker, ["hidden"]);
    // The server may know less than this browser.
    await push(bobId, { text: "Secret" });
    await showTexts(alice, true);
    await push(bobId, { text: "Public" });
    await push(carolId, { senderName: "carol", text: "Buy this" });
    await push(bobId);
    await push("g-1", { groupName: "Climbing" });
    const { shown, badges } = await doneBy(worker);
    expect(shown.map(({ title, body, tag }) => [title, body, tag])).toEqual([
      ["bob", "New message", bobId],
      ["bob", "Public", bobId],
      ["carol", "New message", carolId],
      ["bob", "New message", bobId],
      ["Climbing", "bob: New message", "g-1"],
    ]);
    // Each makes itself heard, also in the place of another, and the icon counts what is there.
    expect(shown.map(({ renotify }) => renotify)).toEqual(Array(5).fill(true));
    expect(badges).toEqual([1, 1, 2, 2, 3]);
    await showTexts(alice, false);
    await push(bobId, { text: "Secret" });
    expect((await doneBy(worker)).shown.at(-1)).toMatchObject({ body: "New message" });
  });

  it("shows nothing while the page is visible, of what was muted, or once nobody is logged in", async () => {
    const { alice, worker, bobId, carolId, push } = await begin();
    await showWindows(worker, ["hidden", "visible"]);
    await push(bobId);
    await showWindows(worker, ["hidden"]);
    await chooseInMenu(alice, "Mute");
    await eventually(async () => expect(await keptOf(alice)).toContain(`"muted":["${bobId}"]`));
    await push(bobId);
    expect(await doneBy(worker)).toEqual({ shown: [], badges: [], opened: [] });
    // What mentions the person is shown all the same.
    await push(bobId, { isMention: true });
    expect((await doneBy(worker)).shown).toHaveLength(1);
    await push(carolId, { senderName: "carol" });
    expect((await doneBy(worker)).shown).toHaveLength(2);
    await alice.button("Log out").click();
    await eventually(async () => expect(await keptOf(alice)).toBeUndefined());
    await push(carolId, { senderName: "carol" });
    expect((await doneBy(worker)).shown).toHaveLength(2);
  });

  it("closes a notification on a click, and opens its conversation in an open window, or else in a new one", async () => {
    const { worker, bobId } = await begin();
    await showWindows(worker, ["hidden"]);
    await tell(worker, "notificationclick", { tag: bobId });
    await showWindows(worker, []);
    await tell(worker, "notificationclick", { tag: bobId });
    expect((await doneBy(worker)).opened).toEqual(["closed", `here /#${bobId}`, "closed", `new /#${bobId}`]);
  });

  it("leads to a conversation whose first message has not come yet", async () => {
    const alice = await visitor("alice", { serviceWorkers: "allow", before: pushing("granted") });
    const bob = await client("bob");
    await alice.page.evaluate((id) => {
      location.hash = `#${id}`;
    }, bob.session?.id ?? "");
    await alice.page.waitForFunction(() => location.hash === "");
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Here it is" });
    await alice.message("Here it is").waitFor();
  });

  it("subscribes anew when the browser has lost the subscription, and tells the server without the page all that the page has", async () => {
    const { alice, worker, bobId } = await begin();
    await showTexts(alice, true);
    await chooseInMenu(alice, "Mute");
    await eventually(async () => expect(await keptOf(alice)).toContain(`"muted":["${bobId}"]`));
    await worker.evaluate(
      async ({ endpoint, keys }) => {
        const scope = globalThis as unknown as { registration: ServiceWorkerRegistration };
        const done = Reflect.get(globalThis, "done");
        scope.registration.pushManager.subscribe = async (options) => {
          done.wanted = options;
          return { toJSON: () => ({ endpoint: `${endpoint}/2`, keys }) } as unknown as PushSubscription;
        };
        const ask = fetch;
        globalThis.fetch = async (...request) => {
          const answer = await ask(...request);
          const { token, ...body } = JSON.parse(String(request[1]?.body));
          done.told = { status: answer.status, body, hasToken: typeof token === "string" };
          return answer;
        };
      },
      { endpoint: ENDPOINT, keys: KEYS },
    );
    await tell(worker, "pushsubscriptionchange", {});
    expect(await doneBy(worker)).toMatchObject({
      wanted: { userVisibleOnly: true, applicationServerKey: expect.stringMatching(/^B[\w-]{86}$/) },
      told: {
        status: 204,
        hasToken: true,
        body: { endpoint: `${ENDPOINT}/2`, keys: KEYS, showText: true, muted: [bobId] },
      },
    });
  });
});
