import { describe, expect, it, vi } from "vitest";
import { type Client, type Session, SHARED_DEVICE } from "../../lib/client/index.ts";
import type { StoredMessage } from "../../static/src/storage/records.ts";
import { eventually, LIMIT_MS, WAIT } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import { changeOutbox } from "../support/page/outbox.ts";
import { passTime } from "../support/page/pass-time.ts";
import { refuse } from "../support/page/refuse.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { problemText } from "../support/problem-text.ts";
import { seedUser } from "../support/shared/index.ts";
import { lookAway } from "./support/friends.ts";
import { storedRecords } from "./support/records.ts";

/** What Chrome on a phone calls itself. */
const PHONE =
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";

const REMOVED =
  "You were logged out from elsewhere: this device was removed, or your password was changed. Log in again: your messages and what you were typing are kept.";
const COMES_BACK = "This device gets every message from now on. Messages that you miss here are on Chrome on Linux.";

/** The session that the browser has stored. */
const sessionOf = ({ page }: Visitor): Promise<Session> =>
  page.evaluate(() => JSON.parse(localStorage.getItem("gotalk.session.2") ?? "null"));

const idOf = async (client: Client, { username }: Pick<Visitor, "username">): Promise<string> =>
  (await client.find(username)).id;

/** What the browser has in its history. */
const storedTexts = async (visitor: Visitor): Promise<string[]> =>
  (await storedRecords<StoredMessage>(visitor, "messages")).map(({ content }) => content);

const notice = ({ page }: Visitor, text: string | RegExp) =>
  page.locator(".message-bar.calm").filter({ hasText: text });

/** Puts the session of an older page into a browser: it names no device. */
async function withOldSession(visitor: Visitor): Promise<void> {
  const client = await visitor.elsewhere();
  const { deviceId: _, ...session } = client.session ?? {};
  await visitor.context.addInitScript((stored) => {
    // Once: a reload finds what the page has stored since.
    if (localStorage.getItem("gotalk.session.2") === null) localStorage.setItem("gotalk.session", stored);
  }, JSON.stringify(session));
}

/** Waits until a session has a device of its own. Where that failed, the page tries it again after a minute. */
const hasMoved = (visitor: Visitor): Promise<void> =>
  vi.waitFor(async () => expect((await sessionOf(visitor)).deviceId).not.toBe(undefined), {
    ...WAIT,
    timeout: 3 * LIMIT_MS,
  });

/** Lets the first answer to a request be lost, as if the connection broke after the server had it. */
async function loseFirstAnswer({ page }: Visitor, path: string): Promise<unknown[]> {
  const bodies: unknown[] = [];
  await page.route(`**${path}`, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    bodies.push(route.request().postDataJSON());
    if (bodies.length > 1) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  return bodies;
}

describe("two devices of one person", () => {
  const { visitor, stranger, client, secondBrowser } = usePage();

  it("have the same conversation while all write at once, one is offline, and one is removed and comes back", async () => {
    const [laptop, bob] = await Promise.all([visitor("alice"), visitor("bob")]);
    const phone = await secondBrowser(laptop, { userAgent: PHONE });
    await Promise.all([laptop.talkTo(bob.username), phone.talkTo(bob.username), bob.talkTo(laptop.username)]);
    const all = [laptop, phone, bob];
    const write = (who: Visitor, name: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${name} ${index}`).reduce(
        async (before, text) => before.then(() => who.send(text)),
        Promise.resolve(),
      );
    await Promise.all([write(laptop, "laptop", 5), write(phone, "phone", 5), write(bob, "bob", 5)]);
    const haveTheSame = (count: number, who = all) =>
      eventually(async () => {
        const texts = await Promise.all(who.map((each) => each.texts()));
        expect(texts[0]).toHaveLength(count);
        expect(new Set(texts[0]).size).toBe(count);
        for (const each of texts) expect(each).toEqual(texts[0]);
        for (const each of who) expect(await each.message(/./).getByText("Sending…").count()).toBe(0);
      });
    await haveTheSame(15);
    await phone.context.setOffline(true);
    await phone.status.filter({ hasText: "Offline" }).waitFor();
    await Promise.all([write(laptop, "meanwhile", 3), write(phone, "in the tunnel", 3), write(bob, "to both", 3)]);
    await haveTheSame(21, [laptop, bob]);
    await phone.context.setOffline(false);
    await haveTheSame(24);
    // What is one's own says that it is sent, wherever it was written.
    for (const device of [laptop, phone]) {
      expect(
        await device
          .message(/laptop|phone|meanwhile|tunnel/)
          .getByText("Sent", { exact: true })
          .count(),
      ).toBe(16);
    }
    const [lost] = (await (await laptop.withSameSession()).devices()).filter(({ current }) => !current);
    await (await laptop.withSameSession()).removeDevice(lost?.deviceId ?? "");
    await phone.page.getByRole("alert").filter({ hasText: REMOVED }).waitFor();
    await write(bob, "to the laptop", 2);
    await haveTheSame(26, [laptop, bob]);
    await phone.logIn();
    await notice(phone, COMES_BACK).waitFor();
    await write(laptop, "again", 1);
    await eventually(async () => {
      const [here, there] = await Promise.all([laptop.texts(), phone.texts()]);
      expect(here).toHaveLength(27);
      expect(here.slice(-3)).toEqual(["to the laptop 0", "to the laptop 1", "again 0"]);
      expect(there).toEqual(here.filter((text) => !text.startsWith("to the laptop")));
    });
  });

  it("show what was written elsewhere in its conversation, as sent, and neither as unread nor as news", async () => {
    const [laptop, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const phone = await secondBrowser(laptop, { viewport: { width: 390, height: 720 } });
    await laptop.talkTo(bob.session?.username ?? "");
    await laptop.sendForSure("Written on the laptop");
    const line = phone.conversations.getByRole("button", { name: bob.session?.username ?? "" });
    await line.filter({ hasText: "You: Written on the laptop" }).waitFor();
    expect(await line.getByText("unread").count()).toBe(0);
    expect(await phone.page.title()).toBe("goTalk");
    await line.click();
    await phone.message("Written on the laptop").getByText("Sent", { exact: true }).waitFor();
    expect(await phone.log.getByText("New", { exact: true }).count()).toBe(0);
    // An answer is unread on each device until it is read there.
    await phone.button("Back").click();
    await lookAway(laptop);
    await bob.send({ to: await idOf(bob, laptop), content: "An answer" });
    for (const device of [laptop, phone]) await device.conversations.getByText("1 unread").waitFor();
    await laptop.conversations.getByText("An answer").click();
    await laptop.message("An answer").waitFor();
    expect(await phone.conversations.getByRole("listitem").count()).toBe(1);
  });

  it("keep their drafts apart", async () => {
    const [laptop, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const phone = await secondBrowser(laptop);
    await Promise.all([laptop, phone].map((device) => device.talkTo(bob.session?.username ?? "")));
    await phone.box.fill("A draft on the phone");
    await laptop.sendForSure("From the laptop");
    await phone.message("From the laptop").waitFor();
    expect(await phone.box.inputValue()).toBe("A draft on the phone");
    expect(await laptop.box.inputValue()).toBe("");
  });

  it("show a message to oneself once each, also where its answer was lost", async () => {
    const laptop = await visitor("alice");
    const phone = await secondBrowser(laptop);
    await Promise.all([laptop, phone].map((device) => device.talkTo(laptop.username)));
    await loseFirstAnswer(laptop, "/send");
    await laptop.send("Buy milk");
    await phone.message("Buy milk").waitFor();
    await laptop.message("Buy milk").getByText("Sent", { exact: true }).waitFor();
    await phone.sendForSure("And bread");
    await laptop.message("And bread").waitFor();
    for (const device of [laptop, phone]) expect(await device.texts()).toEqual(["Buy milk", "And bread"]);
  });

  it("send a message again that came back before its send was answered: other devices may not have it yet", async () => {
    const laptop = await visitor("alice");
    await laptop.talkTo(laptop.username);
    const bodies: unknown[] = [];
    const { promise: retried, resolve: letThrough } = Promise.withResolvers<void>();
    await laptop.page.route("**/send", async (route) => {
      bodies.push(route.request().postDataJSON());
      if (bodies.length > 1) {
        await retried;
        return route.continue();
      }
      // It is on this device's channel, and not on all others.
      await route.fetch();
      await route.fulfill({ status: 503, contentType: "application/problem+json", body: problemText(503, "any") });
    });
    await laptop.send("For all of mine");
    await eventually(async () => expect(await storedTexts(laptop)).toEqual(["For all of mine"]));
    await eventually(async () => expect(await laptop.texts()).toEqual(["For all of mine"]));
    expect((await changeOutbox(laptop, "leave")).map(({ content }) => content)).toEqual(["For all of mine"]);
    const row = laptop.message("For all of mine");
    expect(await row.getByText("Sent", { exact: true }).count()).toBe(0);
    letThrough();
    await row.getByText("Sent", { exact: true }).waitFor();
    await eventually(async () => expect(await changeOutbox(laptop, "leave")).toEqual([]));
    expect(bodies).toEqual([bodies[0], bodies[0]]);
    expect(await laptop.texts()).toEqual(["For all of mine"]);
  });

  it("keep such a message in the outbox where its send is refused, over a reload, until Retry sends it", async () => {
    const laptop = await visitor("alice");
    await laptop.talkTo(laptop.username);
    await laptop.page.route("**/send", async (route) => {
      await route.fetch();
      await route.fulfill({ status: 400, contentType: "application/problem+json", body: problemText(400, "any") });
    });
    await laptop.send("Not on all of mine");
    await laptop.log.getByRole("alert").waitFor();
    await eventually(async () => expect(await storedTexts(laptop)).toEqual(["Not on all of mine"]));
    await laptop.page.unroute("**/send");
    await laptop.page.reload();
    const row = laptop.log.locator(".row").filter({ hasText: "Not on all of mine" });
    await row.getByText("Failed", { exact: true }).waitFor();
    expect(await laptop.texts()).toEqual(["Not on all of mine"]);
    await row.getByRole("button", { name: "Retry" }).click();
    await row.getByText("Sent", { exact: true }).waitFor();
    expect(await laptop.texts()).toEqual(["Not on all of mine"]);
    expect(await changeOutbox(laptop, "leave")).toEqual([]);
  });

  it("begin with the words that the second one begins here, until they are read", async () => {
    const [laptop, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await bob.send({ to: await idOf(bob, laptop), content: "To the laptop alone" });
    await laptop.conversations.getByText("To the laptop alone").waitFor();
    const phone = await secondBrowser(laptop, { userAgent: PHONE });
    const begins = notice(phone, "This device begins here");
    await begins.filter({ hasText: "Your earlier messages are on Chrome on Linux." }).waitFor();
    expect(await phone.conversations.getByRole("button").count()).toBe(0);
    await phone.page.reload();
    await begins.waitFor();
    const tab = await phone.openTab();
    await notice(tab, "This device begins here").waitFor();
    await begins.getByRole("button", { name: "OK" }).click();
    await Promise.all([begins.waitFor({ state: "detached" }), notice(tab, /./).waitFor({ state: "detached" })]);
    await phone.page.reload();
    await phone.connected();
    expect(await notice(phone, /./).count()).toBe(0);
    expect(await notice(laptop, /./).count()).toBe(0);
  });

  it("learn in plain words that this one has missed messages", async () => {
    const laptop = await visitor("alice");
    await laptop.page.route("**/sync", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), missed: true } });
    });
    await laptop.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await notice(laptop, "This device has missed messages").waitFor();
    // A sync that is under way would else be answered after the test.
    await laptop.page.unrouteAll({ behavior: "wait" });
    await laptop.page.reload();
    await notice(laptop, "Your other devices may have them.").waitFor();
  });

  it("take a session that an older page has begun: each gets a device of its own, and every message from then on", async () => {
    const [one, bob] = await Promise.all([stranger("alice"), client("bob")]);
    await seedUser(one);
    const other = await stranger("alice", { as: one });
    await Promise.all([withOldSession(one), withOldSession(other)]);
    await bob.send({ to: await idOf(bob, one), content: "Waited" });
    await one.page.goto(one.url);
    await one.conversations.getByText("Waited").waitFor();
    await hasMoved(one);
    await other.page.goto(other.url);
    await other.connected();
    // What came before is on the other one. Nothing has come since, and the word is not repeated all the same.
    await notice(other, "This device begins here").getByRole("button", { name: "OK" }).click();
    await notice(other, /./).waitFor({ state: "detached" });
    await other.page.reload();
    await other.connected();
    expect(await notice(other, /./).count()).toBe(0);
    const ids = await Promise.all([one, other].map(async (device) => (await sessionOf(device)).deviceId));
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain(SHARED_DEVICE);
    for (const content of ["For both", "Again"]) {
      await bob.send({ to: await idOf(bob, one), content });
      await Promise.all([one, other].map((device) => device.conversations.getByText(content).waitFor()));
    }
    await one.page.reload();
    await one.connected();
    expect((await sessionOf(one)).deviceId).toBe(ids[0]);
    expect((await (await one.withSameSession()).devices()).map(({ name }) => name)).toContain("Chrome on Linux");
  });

  it("move such a session once, though the answer was lost, while two tabs are open and the person is writing", async () => {
    const [alice, bob] = await Promise.all([stranger("alice"), client("bob")]);
    await seedUser(alice);
    await withOldSession(alice);
    const bodies = await loseFirstAnswer(alice, "/devices");
    await alice.page.goto(alice.url);
    await alice.to.fill(bob.session?.username ?? "");
    const tab = await alice.openTab();
    await alice.connected();
    await hasMoved(alice);
    expect(bodies[1]).toEqual(bodies[0]);
    expect(await (await alice.withSameSession()).devices()).toMatchObject([{ name: "Chrome on Linux", shared: false }]);
    // The tab that did not move it goes on, too, and nobody is logged out.
    await tab.page.bringToFront();
    await tab.talkTo(bob.session?.username ?? "");
    await tab.sendForSure("From the other tab");
    expect(await alice.to.inputValue()).toBe(bob.session?.username);
    expect(await alice.page.getByRole("alert").count()).toBe(0);
  });

  it("move it by the next attempt, where no answer came to the first and its token is dead", async () => {
    const alice = await stranger("alice");
    await seedUser(alice);
    await withOldSession(alice);
    const loginIds: string[] = [];
    let isLost = true;
    await alice.page.route("**/devices", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      loginIds.push(route.request().postDataJSON().loginId);
      const response = await route.fetch();
      await (isLost ? route.abort("connectionreset") : route.fulfill({ response }));
    });
    const refused = alice.page.waitForResponse((response) => response.status() === 401);
    await alice.page.goto(alice.url);
    await refused;
    isLost = false;
    await hasMoved(alice);
    await alice.connected();
    expect(new Set(loginIds).size).toBe(1);
    expect(await (await alice.withSameSession()).devices()).toHaveLength(1);
  });

  it("try it again quietly where the server could not do it, and work meanwhile", async () => {
    const [alice, bob] = await Promise.all([stranger("alice"), client("bob")]);
    await seedUser(alice);
    await withOldSession(alice);
    await alice.page.clock.install();
    let isRefused = true;
    await refuse(alice.page, "/devices", { status: 503, code: "unavailable" }, () => isRefused);
    await alice.page.goto(alice.url);
    await alice.connected();
    await bob.send({ to: await idOf(bob, alice), content: "Meanwhile" });
    await alice.conversations.getByText("Meanwhile").waitFor();
    expect(await alice.page.getByRole("alert").count()).toBe(0);
    isRefused = false;
    await passTime(alice.page, 1_000, alice.page.waitForRequest("**/devices"));
    await hasMoved(alice);
    await alice.connected();
  });

  it("say what to do where there is no room for another one, in all tabs, and take such a session once there is", async () => {
    const [alice, bob] = await Promise.all([stranger("alice"), client("bob")]);
    await seedUser(alice);
    await withOldSession(alice);
    await alice.elsewhere();
    for (let made = 0; made < 9; made++) await alice.device(`Device ${made}`);
    await alice.page.clock.install();
    await alice.page.goto(alice.url);
    const says = notice(alice, "You have reached the device limit.");
    await says.waitFor();
    expect(await alice.page.getByRole("alert").count()).toBe(0);
    const tab = await alice.openTab();
    await notice(tab, "You have reached the device limit.").waitFor();
    await alice.connected();
    const other = await alice.withSameSession();
    const [free] = (await other.devices()).filter(({ name }) => name === "Device 4");
    await other.removeDevice(free?.deviceId ?? "");
    await passTime(alice.page, 1_000, alice.page.waitForRequest("**/devices"));
    await says.waitFor({ state: "detached" });
    await notice(tab, "You have reached the device limit.").waitFor({ state: "detached" });
    expect((await sessionOf(alice)).deviceId).not.toBe(undefined);
    await bob.send({ to: await idOf(bob, alice), content: "For all" });
    await alice.conversations.getByText("For all").waitFor();
  });
});
