import { describe, expect, it } from "vitest";
import type { Client, Session } from "../../lib/client/index.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { eventually } from "../support/eventually.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { usePage } from "../support/page/fixture.ts";
import { giveUp } from "../support/page/give-up.ts";
import { refuse } from "../support/page/refuse.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { newContents } from "../support/receiving.ts";
import { seedUser } from "../support/shared/index.ts";
import { takeAll } from "../support/taking.ts";
import { openFromMenu } from "./support/menu.ts";

const sessionOf = ({ page }: Visitor): Promise<Session> =>
  page.evaluate(() => JSON.parse(localStorage.getItem("gotalk.session.2") ?? "null"));

/** The names of the user's devices, and which is the page's own. */
const devicesOf = async (visitor: Visitor) =>
  (await (await visitor.withSameSession()).devices()).map(({ name, current }) => [name, current]);

const alertOf = ({ page }: Visitor, text: string) => page.getByRole("alert").filter({ hasText: text });

describe("the list of devices", () => {
  const { visitor, client, secondBrowser } = usePage();

  it("names each device, says when it was seen and which is this one, and removes one after a question", async () => {
    const laptop = await visitor("alice");
    const phone = await laptop.device("Alice’s phone");
    const dialog = await openFromMenu(laptop, "Devices");
    const entries = dialog.getByRole("list", { name: "Devices" }).getByRole("listitem");
    await entries.filter({ hasText: "Chrome on Linux" }).filter({ hasText: "This device" }).waitFor();
    const line = entries.filter({ hasText: "Alice’s phone" });
    await line.getByText("Last seen: today").waitFor();
    expect(await entries.count()).toBe(2);
    await line.getByRole("button", { name: "Remove Alice’s phone" }).click();
    await line.getByText("It is logged out at once and gets no more messages.").waitFor();
    expect(await laptop.page.evaluate(() => document.activeElement?.textContent)).toBe("Keep it");
    await line.getByRole("button", { name: "Keep it" }).click();
    expect(await devicesOf(laptop)).toEqual([
      ["Chrome on Linux", true],
      ["Alice’s phone", false],
    ]);
    await line.getByRole("button", { name: "Remove Alice’s phone" }).click();
    await line.getByRole("button", { name: "Remove it" }).click();
    await eventually(async () => expect(await entries.count()).toBe(1));
    await eventually(() => expect(phone.sync()).rejects.toMatchObject({ code: "invalid_token" }));
    expect(await devicesOf(laptop)).toEqual([["Chrome on Linux", true]]);
    await dialog.getByRole("button", { name: "Close" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await laptop.page.evaluate(() => document.activeElement?.className)).toBe("account");
  });

  it("has the logins of programs that name no device below the one that they share, and ends one of them", async () => {
    const laptop = await visitor("alice");
    const [one, other] = [await laptop.elsewhere(), await laptop.elsewhere()];
    const dialog = await openFromMenu(laptop, "Devices");
    const entries = dialog.getByRole("list", { name: "Devices" }).getByRole("listitem");
    await entries.filter({ hasText: "Programs without a name" }).waitFor();
    const logins = entries.filter({ hasText: "node" });
    await eventually(async () => expect(await logins.count()).toBe(2));
    // The newest login comes first.
    await logins
      .first()
      .getByRole("button", { name: /^Remove / })
      .click();
    await logins.first().getByText("Other programs that share the messages go on.").waitFor();
    await logins.first().getByRole("button", { name: "Remove it" }).click();
    await eventually(async () => expect(await logins.count()).toBe(1));
    await eventually(() => expect(other.sync()).rejects.toMatchObject({ code: "invalid_token" }));
    await eventually(() => one.sync());
    await entries.getByRole("button", { name: "Remove Programs without a name" }).click();
    await entries.getByRole("button", { name: "Remove it" }).click();
    await eventually(async () => expect(await entries.count()).toBe(1));
    await eventually(() => expect(one.sync()).rejects.toMatchObject({ code: "invalid_token" }));
  });

  it("leads a device that was removed to the login, which keeps history, draft and outbox, and goes on as another", async () => {
    const [laptop, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const phone = await secondBrowser(laptop);
    await phone.talkTo(bob.session?.username ?? "");
    await phone.sendForSure("Before");
    const restore = await cutOff(phone.page, "**/send");
    await phone.send("In the outbox");
    await phone.box.fill("Half a sent");
    const dialog = await openFromMenu(laptop, "Devices");
    await dialog.getByRole("button", { name: /^Remove / }).click();
    await dialog.getByRole("button", { name: "Remove it" }).click();
    await alertOf(phone, "this device was removed").filter({ hasText: "what you were typing are kept" }).waitFor();
    expect(await phone.page.getByRole("textbox", { name: "Username" }).inputValue()).toBe(laptop.username);
    restore();
    await phone.logIn();
    await phone.message("In the outbox").getByText("Sent", { exact: true }).waitFor();
    expect(await phone.texts()).toEqual(["Before", "In the outbox"]);
    expect(await phone.box.inputValue()).toBe("Half a sent");
    await phone.page.getByText("Messages that you miss here").waitFor();
    expect(await newContents(bob)).toEqual(["Before", "In the outbox"]);
  });
});

describe("a login", () => {
  const { visitor, stranger, client } = usePage();

  it("goes on as the same device after the session has ended, with what came meanwhile and no word of a gap", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.device("Alice’s phone");
    const { deviceId } = await sessionOf(alice);
    await (await alice.device("Script")).changePassword({ password: alice.password, newPassword: alice.password });
    await alertOf(alice, "or your password was changed").waitFor();
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Meanwhile" });
    await alice.logIn();
    await alice.conversations.getByText("Meanwhile").waitFor();
    expect((await sessionOf(alice)).deviceId).toBe(deviceId);
    expect(await alice.page.locator(".message-bar").count()).toBe(0);
  });

  it("says nothing after a logout if this was the only device: what came meanwhile is all there", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const to = (await bob.find(alice.username)).id;
    await bob.send({ to, content: "Before" });
    await alice.conversations.getByText("Before").waitFor();
    const { deviceId } = await sessionOf(alice);
    // It is on a device of its own, and gets the same messages.
    await alice.elsewhere();
    for (const content of ["Meanwhile", "And again"]) {
      const isOver = alice.page.waitForResponse("**/logout");
      await alice.button("Log out").click();
      await isOver;
      await bob.send({ to, content });
      await alice.logIn();
      await alice.conversations.getByText(content).waitFor();
    }
    expect((await sessionOf(alice)).deviceId).not.toBe(deviceId);
    await alice.page.reload();
    await alice.connected();
    expect(await alice.page.locator(".message-bar").count()).toBe(0);
    await alice.conversations.getByText("And again").click();
    await alice.message("And again").waitFor();
    expect(await alice.texts()).toEqual(["Before", "Meanwhile", "And again"]);
  });

  it("says that there may be a gap if it goes on as another device, even with no other one left", async () => {
    const alice = await visitor("alice");
    const bob = await client("bob");
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, content: "Before" });
    await alice.conversations.getByText("Before").waitFor();
    // Only then is it clear that the phone is not there to take over.
    const isOver = alice.page.waitForResponse("**/logout");
    await alice.button("Log out").click();
    await isOver;
    const phone = await alice.device("Alice’s phone");
    await bob.send({ to: id, content: "On the phone" });
    await takeAll(phone);
    await phone.logout();
    await bob.send({ to: id, content: "After" });
    await alice.logIn();
    await alice.conversations.getByText("After").waitFor();
    await alice.page.getByText("Messages from the time in between may be on another device.").waitFor();
    await alice.conversations.getByText("After").click();
    await alice.message("After").waitFor();
    expect(await alice.texts()).toEqual(["Before", "After"]);
  });

  it("is the same one until it is answered, also after a reload: no second device is left behind", async () => {
    const alice = await stranger("alice");
    await seedUser(alice);
    const loginIds: string[] = [];
    await alice.page.route("**/login", async (route) => {
      loginIds.push(route.request().postDataJSON().loginId);
      const response = await route.fetch();
      await (loginIds.length < 12 && !isOver ? route.abort("connectionreset") : route.fulfill({ response }));
    });
    let isOver = false;
    await alice.page.goto(alice.url);
    await alice.fillIn();
    await giveUp(alice, "/login", async () => {
      await alice.button("Log in").click();
      await eventually(async () => expect(loginIds.length).toBeGreaterThan(2));
    });
    await alertOf(alice, "The server cannot be reached.").waitFor();
    await alice.page.reload();
    isOver = true;
    await alice.logIn();
    expect(new Set(loginIds).size).toBe(1);
    expect(await devicesOf(alice)).toEqual([["Chrome on Linux", true]]);
    // The next login is another one.
    await alice.button("Log out").click();
    await alice.logIn();
    expect(new Set(loginIds).size).toBe(2);
  });

  it("lists the devices when there are too many, and replaces the one that is chosen", async () => {
    const alice = await stranger("alice");
    await seedUser(alice);
    const devices: Client[] = [];
    for (let index = 1; index <= LIMITS.devices.most; index++) devices.push(await alice.device(`Device ${index}`));
    await alice.page.goto(alice.url);
    await alice.fillIn();
    await alice.button("Log in").click();
    await alertOf(alice, "You have reached the device limit.").waitFor();
    const entries = alice.page.getByRole("list", { name: "Devices" }).getByRole("listitem");
    expect(await entries.count()).toBe(LIMITS.devices.most);
    // Enter in a field is the login again, and replaces nothing.
    await alice.page.getByRole("textbox", { name: "Password" }).press("Enter");
    await eventually(async () => expect(await entries.count()).toBe(LIMITS.devices.most));
    expect((await devices[0]?.devices())?.length).toBe(LIMITS.devices.most);
    await alice.button("Replace Device 4").click();
    await alice.connected();
    const names = (await devicesOf(alice)).map(([name]) => name);
    expect(names).toContain("Chrome on Linux");
    expect(names).not.toContain("Device 4");
    await eventually(() => expect(devices[3]?.sync()).rejects.toMatchObject({ code: "invalid_token" }));
  });

  it("says in plain words that the device no longer exists", async () => {
    const alice = await stranger("alice");
    await refuse(alice.page, "/login", { status: 401, code: "device_expired" });
    await alice.page.goto(alice.url);
    await alice.fillIn();
    await alice.button("Log in").click();
    await alertOf(alice, "This device was removed, or was not used for 30 days.").waitFor();
  });
});
