import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Worker } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "../support/eventually.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { startDeployment } from "../support/page/deployment.ts";
import { usePage } from "../support/page/fixture.ts";
import { setHidden } from "../support/page/visibility.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { seedUser } from "../support/shared/index.ts";
import { openFromMenu } from "./support/menu.ts";

const BUILT = fileURLToPath(new URL("../../static/dist", import.meta.url));
const MOST_SCRIPT = 75_000;

/** The parts of the page that are loaded when they are used. */
const LATER = [
  "EmojiPicker",
  "MentionMenu",
  "PushBar",
  "QrCode",
  "account",
  "conversation",
  "file-transfers",
  "groups",
  "links",
  "parts",
];

/**
 * Stands in for the system's notifications: headless Chromium refuses them whatever it is granted. The page is told
 * `permission`, says when it asks, and what it shows is kept.
 */
function recordNotifications(permission: NotificationPermission): void {
  const shown: string[] = [];
  Object.assign(globalThis, { shown, asked: 0 });
  Object.defineProperty(Notification, "permission", { get: () => permission });
  Notification.requestPermission = async () => {
    Reflect.set(globalThis, "asked", Reflect.get(globalThis, "asked") + 1);
    return "granted";
  };
  ServiceWorkerRegistration.prototype.showNotification = async (title, options) => {
    shown.push(`${title}: ${options?.body}`);
  };
}

const shown = ({ page }: Visitor): Promise<string[]> => page.evaluate(() => Reflect.get(globalThis, "shown"));
const asked = ({ page }: Visitor): Promise<number> => page.evaluate(() => Reflect.get(globalThis, "asked"));

/** Does what a click on a notification does, but for the right to focus a page, which only a person's click gives. */
const clickNotification = (worker: Worker, tag: string): Promise<boolean> =>
  worker.evaluate((id) => {
    Reflect.set(Reflect.get(globalThis, "WindowClient").prototype, "focus", async function (this: unknown) {
      return this;
    });
    const notification = { tag: id, close: () => undefined };
    const event = Object.assign(new Event("notificationclick"), { notification, waitUntil: () => undefined });
    return dispatchEvent(event);
  }, tag);

describe("the page as an app", () => {
  const fixture = usePage();
  const { visitor, stranger, client } = fixture;

  it("has at most 75 KB of JavaScript at first, gzipped, the service worker included, and loads the rest when it is used", async () => {
    const alice = await stranger("alice");
    const loaded = new Set<string>();
    alice.page.on("request", (request) => {
      if (request.resourceType() === "script") loaded.add(new URL(request.url()).pathname);
    });
    await seedUser(alice);
    await alice.page.goto(alice.url);
    await alice.logIn();
    const sizes = ["/worker.js", ...loaded].map((name) => gzipSync(readFileSync(join(BUILT, name))).length);
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(MOST_SCRIPT);
    const names = readdirSync(join(BUILT, "assets"));
    // A part that is imported from elsewhere as well has no file of its own any more.
    for (const part of LATER) {
      const files = names.filter((name) => name.startsWith(`${part}-`) && name.endsWith(".js"));
      expect([part, files.length]).toEqual([part, 1]);
      expect(loaded).not.toContain(`/assets/${files[0]}`);
    }
  });

  it("comes with a strict policy, and is kept by browsers as long as it may be", async () => {
    const { url } = fixture.stack;
    const page = await fetch(url);
    const html = await page.text();
    expect(page.headers.get("content-security-policy")).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'",
    );
    expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    expect(page.headers.get("permissions-policy")).toBe(
      "camera=(), display-capture=(), geolocation=(), microphone=(self)",
    );
    expect(page.headers.get("cache-control")).toBe("no-cache");
    expect(html).toContain('http-equiv="Content-Security-Policy"');
    const again = await fetch(url, { headers: { "if-none-match": page.headers.get("etag") ?? "" } });
    expect(again.status).toBe(304);
    const [script] = /\/assets\/[^"]+\.js/.exec(html) ?? [""];
    expect((await fetch(url + script)).headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect((await fetch(url, { method: "POST" })).status).toBe(404);
  });

  it("can be installed", async () => {
    const alice = await stranger("alice");
    await alice.page.goto(alice.url);
    const href = await alice.page.locator("link[rel=manifest]").getAttribute("href");
    const manifest = await (await fetch(alice.url + href)).json();
    expect(manifest).toMatchObject({ name: "goTalk", display: "standalone", start_url: "/" });
    for (const { src, type } of manifest.icons) {
      const icon = await fetch(alice.url + src);
      expect([src, icon.status, icon.headers.get("content-type")]).toEqual([src, 200, type]);
    }
    const devtools = await alice.context.newCDPSession(alice.page);
    const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
    expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
  });

  it("opens offline, with the stored history", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { serviceWorkers: "allow" }), client("bob")]);
    await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Read me in the tunnel" });
    await alice.conversations.getByText("Read me in the tunnel").waitFor();
    await alice.context.setOffline(true);
    await alice.page.close();
    const tab = await alice.openTab();
    await tab.status.filter({ hasText: "Offline" }).waitFor();
    await tab.conversations.getByText("Read me in the tunnel").click();
    await tab.message("Read me in the tunnel").waitFor();
  });

  it("says that there is a new version in every tab, and loads it with the draft that was being typed", async () => {
    const deployment = await startDeployment(fixture.stack.url);
    // Once the pages are closed: they go on asking.
    onTestFinished(deployment.close);
    const [alice, bob] = await Promise.all([
      visitor("alice", {
        serviceWorkers: "allow",
        url: deployment.url,
        before: (context) => context.clock.install(),
      }),
      client("bob"),
    ]);
    await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const second = await alice.openTab();
    await alice.talkTo(bob.session?.username ?? "");
    await alice.box.pressSequentially("Half a thou");
    deployment.deploy();
    expect(await alice.page.getByText("There is a new version of goTalk.").count()).toBe(0);
    // An hour later, with nothing done to it.
    await alice.page.clock.fastForward(3_600_000);
    for (const tab of [alice, second]) await tab.page.getByText("There is a new version of goTalk.").waitFor();
    expect(await alice.page.locator("html").getAttribute("lang")).toBe("en");
    await alice.box.pressSequentially("ght");
    await alice.button("Reload").click();
    await alice.page.locator("html[lang=en-new]").waitFor();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("Half a thought"));
    expect(await alice.page.getByText("There is a new version of goTalk.").count()).toBe(0);
  });

  it("says so as well without a service worker, when somebody comes back to it", async () => {
    const deployment = await startDeployment(fixture.stack.url);
    // Once the pages are closed: they go on asking.
    onTestFinished(deployment.close);
    const alice = await visitor("alice", {
      url: deployment.url,
      before: (context) => context.clock.install(),
    });
    deployment.deploy();
    await alice.page.clock.fastForward(300_000);
    await alice.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await alice.page.getByText("There is a new version of goTalk.").waitFor();
    await alice.button("Reload").click();
    await alice.page.locator("html[lang=en-new]").waitFor();
  });

  it("does not make what is posted wait for the service worker to start", async () => {
    const alice = await visitor("alice", { serviceWorkers: "allow" });
    await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await alice.page.reload();
    await alice.connected();
    const sources = await alice.page.evaluate(() => {
      const isControlled = navigator.serviceWorker.controller !== null;
      const syncs = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/sync"));
      // Who answered, as the browser's own routes chose; empty if the worker was asked.
      return syncs.map((entry) => isControlled && Reflect.get(entry, "workerFinalSourceType"));
    });
    expect(new Set(sources)).toEqual(new Set(["network"]));
  });

  it("notifies while nobody looks, of what is new; a click opens the conversation", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", {
        serviceWorkers: "allow",
        before: (context) => context.addInitScript(recordNotifications, "granted" as const),
      }),
      client("bob"),
    ]);
    const { id } = await bob.find(alice.username);
    await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Hello, Bob!");
    await alice.talkTo(alice.username);
    await bob.send({ to: id, content: "seen" });
    await alice.conversations.getByText("seen").waitFor();
    await setHidden(alice, true);
    await bob.send({ to: id, content: "unseen" });
    const name = bob.session?.username ?? "";
    await eventually(async () => expect(await shown(alice)).toEqual([`${name}: unseen`]));
    const [worker] = alice.context.serviceWorkers();
    if (worker === undefined) throw new Error("There is no service worker.");
    await clickNotification(worker, bob.session?.id ?? "");
    await alice.message("unseen").waitFor();
  });

  it("notifies of nothing that the person has written on another device", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", {
        serviceWorkers: "allow",
        before: (context) => context.addInitScript(recordNotifications, "granted" as const),
      }),
      client("bob"),
    ]);
    await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const phone = await alice.device("Alice’s phone");
    await setHidden(alice, true);
    const [to, name] = [bob.session?.id ?? "", bob.session?.username ?? ""];
    await phone.send({ to, content: "written on the phone" });
    await alice.conversations.getByText("written on the phone").waitFor();
    await bob.send({ to: (await bob.find(alice.username)).id, content: "an answer" });
    await eventually(async () => expect(await shown(alice)).toContain(`${name}: an answer`));
    expect(await shown(alice)).toEqual([`${name}: an answer`]);
  });

  it("asks for notifications on a click only, and shows none for a backlog", async () => {
    const alice = await visitor("alice", {
      serviceWorkers: "allow",
      before: (context) => context.addInitScript(recordNotifications, "default" as const),
    });
    expect(await asked(alice)).toBe(0);
    const dialog = await openFromMenu(alice, "Notifications");
    await dialog.getByRole("button", { name: "Turn on notifications" }).click();
    await alice.page.getByText("Notifications are on.").waitFor();
    expect(await asked(alice)).toBe(1);
    // The button is gone; the focus stays in the dialog.
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
    await alice.page.keyboard.press("Escape");
    const bob = await client("bob");
    const { id } = await bob.find(alice.username);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Hello, Bob!");
    await setHidden(alice, true);
    // A time without any answer, in which messages pile up.
    const restore = await cutOff(alice.page, "**/sync");
    // Too long for a frame, in which it would come at once.
    await bob.send({ to: id, content: `backlog${"\u0001".repeat(6_000)}` });
    await alice.status.filter({ hasText: "Reconnecting" }).waitFor();
    restore();
    await alice.conversations.getByText("backlog").waitFor();
    await bob.send({ to: id, content: "news" });
    await eventually(async () => expect((await shown(alice)).join()).toContain("news"));
    expect((await shown(alice)).join()).not.toContain("backlog");
  });

  it("cuts the text of a notification between what a reader takes for characters", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", {
        serviceWorkers: "allow",
        before: (context) => context.addInitScript(recordNotifications, "granted" as const),
      }),
      client("bob"),
    ]);
    const { id } = await bob.find(alice.username);
    await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Hello, Bob!");
    await setHidden(alice, true);
    await bob.send({ to: id, content: `x${"👩‍👩‍👧‍👦".repeat(200)}` });
    const name = bob.session?.username ?? "";
    await eventually(async () => expect(await shown(alice)).toEqual([`${name}: x${"👩‍👩‍👧‍👦".repeat(159)}…`]));
  });
});
