import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import { refuse } from "../support/page/refuse.ts";
import { setHidden } from "../support/page/visibility.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { chooseInMenu, openFromMenu } from "./support/menu.ts";
import {
  badgesOf,
  choicesOf,
  ENDPOINT,
  isSubscribed,
  KEYS,
  keptOf,
  pushing,
  requestsOf,
  shownOf,
} from "./support/pushing.ts";

const BAR = "Do you want a notification when a message comes";

describe("notifications while the page is closed", () => {
  const { visitor, secondBrowser, client } = usePage();

  /** A page that may notify, once its worker is there. */
  const notified = async (): Promise<Visitor> => {
    const alice = await visitor("alice", { serviceWorkers: "allow", before: pushing("granted") });
    await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    return alice;
  };
  /** The same, which has a conversation with Bob and has told the server. */
  const subscribed = async () => {
    const [alice, bob] = await Promise.all([notified(), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, content: "Hello, Alice!" });
    await eventually(async () => expect(await choicesOf(alice)).toContain(ENDPOINT));
    return { alice, bob, id, name: bob.session?.username ?? "", bobId: bob.session?.id ?? "" };
  };
  const CLOSED = "Also while goTalk is closed";

  it("are asked for once a message was received, by a click; then the server is told where, and of mutes and choices", async () => {
    const alice = await visitor("alice", { serviceWorkers: "allow", before: pushing("default") });
    const bob = await client("bob");
    const { id } = await bob.find(alice.username);
    await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
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
    const [alice, bob] = await Promise.all([notified(), client("bob")]);
    const asked = requestsOf(alice);
    const puts = () => asked.filter(({ method }) => method === "PUT");
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Hello, Alice!" });
    await eventually(async () => expect(puts()).toHaveLength(1));
    await alice.page.reload();
    await alice.connected();
    await alice.conversations.getByText("Hello, Alice!").waitFor();
    await alice.button(/Account/).click();
    await alice.button("Log out").click();
    await alice.logIn();
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

  it("stay off in every tab where they are turned off in one", async () => {
    const { alice } = await subscribed();
    const tab = await alice.openTab();
    const dialogs = [await openFromMenu(alice, "Notifications"), await openFromMenu(tab, "Notifications")];
    const boxes = dialogs.map((dialog) => dialog.getByLabel(CLOSED));
    await eventually(async () => expect(await boxes[1]?.isChecked()).toBe(true));
    await boxes[0]?.uncheck();
    await eventually(async () => expect(await boxes[1]?.isChecked()).toBe(false));
    await boxes[1]?.check();
    await eventually(async () => expect(await boxes[0]?.isChecked()).toBe(true));
    await eventually(async () => expect(await keptOf(alice)).toContain("token"));
  });

  it("end in the browser with a logout, without a network, and what was chosen is kept for the next login", async () => {
    const { alice } = await subscribed();
    await (await openFromMenu(alice, "Notifications")).getByLabel("Then show what is written").check();
    await eventually(async () => expect(await keptOf(alice)).toContain(`"showText":true`));
    await alice.page.keyboard.press("Escape");
    expect(await isSubscribed(alice)).toBe(true);
    await alice.context.setOffline(true);
    await alice.button("Log out").click();
    await eventually(async () => expect([await isSubscribed(alice), await keptOf(alice)]).toEqual([false, undefined]));
    expect(await choicesOf(alice)).toContain("showText");
    expect(await badgesOf(alice)).toContain("clear");
  });

  it("leave nothing of the user where the device is erased", async () => {
    const { alice } = await subscribed();
    await setHidden(alice, true);
    await alice.page.evaluate(async () =>
      (await navigator.serviceWorker.ready).showNotification("Left over", { tag: "u-1" }),
    );
    await setHidden(alice, false);
    const dialog = await openFromMenu(alice, "Log out and erase this device");
    await dialog.getByRole("button", { name: /erase/i }).last().click();
    await alice.page.getByText("keeps nothing of").waitFor();
    const left = [await choicesOf(alice), await keptOf(alice), await isSubscribed(alice), await shownOf(alice)];
    expect(left).toEqual(["[]", undefined, false, []]);
  });

  it("of the open page are closed when their conversation is read, here or elsewhere, and the icon counts what is unread", async () => {
    const { alice, bob, id, name } = await subscribed();
    const [elsewhere, carol] = await Promise.all([secondBrowser(alice), client("carol")]);
    const carolName = carol.session?.username ?? "";
    await alice.talkTo(name);
    await alice.sendForSure("Hello, Bob!");
    await setHidden(alice, true);
    await bob.send({ to: id, content: "Are you there?" });
    await carol.send({ to: (await carol.find(alice.username)).id, content: "I am Carol" });
    await eventually(async () => expect((await shownOf(alice)).sort()).toEqual([name, carolName].sort()));
    await eventually(async () => expect((await badgesOf(alice)).at(-1)).toBe("set 2"));
    await elsewhere.conversations.getByText("Are you there?").click();
    await eventually(async () => expect(await shownOf(alice)).toEqual([carolName]));
    await setHidden(alice, false);
    await alice.conversations.getByText(carolName).click();
    await eventually(async () => expect(await shownOf(alice)).toEqual([]));
    await eventually(async () => expect((await badgesOf(alice)).at(-1)).toBe("set 0"));
  });

  describe("that cannot come", () => {
    it("because the browser cannot reach its push service, are not promised", async () => {
      const [alice, bob] = await Promise.all([notified(), client("bob")]);
      await alice.page.evaluate(() => {
        PushManager.prototype.subscribe = async () => {
          throw new DOMException("Registration failed - push service not available", "AbortError");
        };
      });
      await bob.send({ to: (await bob.find(alice.username)).id, content: "Hello, Alice!" });
      const dialog = await openFromMenu(alice, "Notifications");
      await dialog.getByText("could not reach its push service").waitFor();
      expect(await dialog.getByLabel(CLOSED).isEnabled()).toBe(true);
      await dialog.getByLabel(CLOSED).uncheck();
      await dialog.getByText("could not reach its push service").waitFor({ state: "detached" });
    });

    it("because the server does not answer, are not promised", async () => {
      const alice = await notified();
      await refuse(alice.page, "/push", { status: 503, code: "unavailable" }, () => true);
      const dialog = await openFromMenu(alice, "Notifications");
      // It may know all else already.
      await dialog.getByLabel("Then show what is written").check();
      await dialog.getByText("The server could not be told of this yet.").waitFor();
    });

    it("because the browser has no push, are not offered", async () => {
      const alice = await visitor("alice", {
        serviceWorkers: "allow",
        before: async (context) => {
          await pushing("granted")(context);
          await context.addInitScript(() => Reflect.deleteProperty(globalThis, "PushManager"));
        },
      });
      const dialog = await openFromMenu(alice, "Notifications");
      await dialog.getByText("this browser has no push notifications").waitFor();
      const box = dialog.getByLabel(CLOSED);
      expect([await box.isChecked(), await box.isEnabled()]).toEqual([false, false]);
    });

    it("because the session has no device of its own, are not offered", async () => {
      const alice = await notified();
      await refuse(alice.page, "/devices", { status: 503, code: "unavailable" }, () => true);
      await alice.page.evaluate(() => {
        const { deviceId: _, ...session } = JSON.parse(localStorage.getItem("gotalk.session.2") ?? "{}");
        localStorage.setItem("gotalk.session.2", JSON.stringify(session));
      });
      await alice.page.reload();
      await alice.connected();
      const dialog = await openFromMenu(alice, "Notifications");
      await dialog.getByText("this browser has no device of its own").waitFor();
      const box = dialog.getByLabel(CLOSED);
      expect([await box.isChecked(), await box.isEnabled()]).toEqual([false, false]);
    });
  });
});
