import { describe, expect, it } from "vitest";
import { Client, ProblemError } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import { giveUp } from "../support/page/give-up.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { newContents } from "../support/receiving.ts";
import { takeAll } from "../support/taking.ts";
import { chooseInMenu, openFromMenu } from "./support/menu.ts";

/** What of its users a browser keeps, but for the theme. */
const keptIn = ({ page }: Visitor): Promise<string[]> =>
  page.evaluate(async () => {
    const databases = (await indexedDB.databases()).map(({ name = "" }) => name);
    const names = [...Object.keys(localStorage), ...Object.keys(sessionStorage)];
    return [...databases, ...names.filter((name) => name !== "gotalk.theme")];
  });

const isProblem = (code: string) => (error: unknown) => error instanceof ProblemError && error.code === code;

describe("one's own account", () => {
  const { visitor, stranger, client } = usePage();
  const logIn = ({ url, username }: Visitor, password: string) =>
    new Client({ url, live: false }).login({ username, password });

  it("gets another password, which ends the other sessions and not this one", async () => {
    const alice = await visitor("alice");
    const elsewhere = await alice.elsewhere();
    const dialog = await openFromMenu(alice, "Change password");
    await dialog.getByLabel("Current password").fill("not the password");
    await dialog.getByLabel("New password").fill("a new password");
    await dialog.getByRole("button", { name: "Change password" }).click();
    await dialog.getByRole("alert").filter({ hasText: "The password is wrong." }).waitFor();
    await dialog.getByLabel("Current password").fill(alice.password);
    await dialog.getByRole("button", { name: "Change password" }).click();
    await dialog.getByText("Your password is changed").waitFor();
    await alice.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await eventually(() => expect(elsewhere.sync()).rejects.toSatisfy(isProblem("invalid_token")));
    await expect(logIn(alice, alice.password)).rejects.toSatisfy(isProblem("invalid_credentials"));
    await logIn(alice, "a new password");
    await alice.page.reload();
    await alice.connected();
  });

  it("is let in after a logout, though others behind the same address failed too often", async () => {
    const alice = await visitor("alice");
    await alice.button("Log out").click();
    await alice.button("Log in").waitFor();
    for (let guess = 0; guess < 10; guess++) {
      await expect(logIn(alice, "not the password")).rejects.toSatisfy(isProblem("invalid_credentials"));
    }
    await expect(logIn(alice, alice.password)).rejects.toSatisfy(isProblem("too_many_attempts"));
    await alice.logIn();
    await alice.connected();
  });

  it("is deleted, with all that this device kept of it", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Farewell");
    const { id } = await bob.find(alice.username);
    const dialog = await openFromMenu(alice, "Delete account");
    await dialog.getByLabel("Your password").fill("not the password");
    await dialog.getByRole("button", { name: "Delete my account" }).click();
    await dialog.getByRole("alert").filter({ hasText: "The password is wrong." }).waitFor();
    await dialog.getByLabel("Your password").fill(alice.password);
    await dialog.getByRole("button", { name: "Delete my account" }).click();
    await alice.page.getByRole("alert").filter({ hasText: "Your account is deleted" }).waitFor();
    expect(await alice.page.getByRole("textbox", { name: "Username" }).inputValue()).toBe("");
    await eventually(async () => {
      const names = await alice.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
      expect(names).not.toContain(`gotalk-${id}`);
    });
    await expect(bob.send({ to: id, content: "?" })).rejects.toSatisfy(isProblem("unknown_receiver"));
    await expect(bob.find(alice.username)).rejects.toSatisfy(isProblem("unknown_user"));
    expect(await takeAll(bob)).toMatchObject([{ content: "Farewell" }]);
    // The name is kept for a while, so that nobody gets what was meant for its user.
    await alice.fillIn();
    await alice.button("Register").click();
    await alice.page.getByRole("alert").filter({ hasText: "Choose another one." }).waitFor();
  });

  it("leaves nothing on a device that is erased: no history, draft, unsent message or session, in no tab", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const same = await alice.withSameSession();
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Arrived");
    await alice.page.route("**/send", (route) => route.abort("connectionrefused"));
    await alice.send("Unsent");
    await alice.message("Unsent").waitFor();
    await alice.box.fill("A draft");
    const second = await alice.openTab();
    const dialog = await openFromMenu(alice, "Log out and erase this device");
    await dialog.getByRole("alert").filter({ hasText: "1 message has not been sent yet" }).waitFor();
    await dialog.getByRole("button", { name: "Erase without sending them" }).click();
    await alice.page
      .getByRole("alert")
      .filter({ hasText: `You are logged out, and this browser keeps nothing of ${alice.username} any more.` })
      .waitFor();
    await second.button("Log in").waitFor();
    expect(await keptIn(alice)).toEqual([]);
    await eventually(() => expect(same.sync()).rejects.toSatisfy(isProblem("invalid_token")));
    await alice.page.unroute("**/send");
    await alice.logIn();
    expect(await alice.conversations.getByRole("button").count()).toBe(0);
    expect(await newContents(bob)).toEqual(["Arrived"]);
  });

  it("is erased from a device without a network, and says that the server keeps the session", async () => {
    const alice = await visitor("alice");
    const same = await alice.withSameSession();
    await alice.context.setOffline(true);
    const dialog = await openFromMenu(alice, "Log out and erase this device");
    expect(await dialog.getByRole("alert").count()).toBe(0);
    await dialog.getByRole("button", { name: "Log out and erase" }).click();
    const outcome = alice.page.getByRole("alert").filter({ hasText: "keeps nothing of" });
    await outcome.filter({ hasText: "The server could not be reached, so it keeps the session until" }).waitFor();
    expect(await keptIn(alice)).toEqual([]);
    await alice.context.setOffline(false);
    expect((await eventually(() => same.sync())).messages).toEqual([]);
  });

  it("takes a password as long as it is, and says when it is too long instead of cutting it", async () => {
    const alice = await stranger("alice");
    await alice.page.goto(alice.url);
    await alice.fillIn();
    const field = alice.page.getByRole("textbox", { name: "Password" });
    await field.fill("");
    // As a paste does: what a script fills in is never cut.
    await alice.page.keyboard.insertText("x".repeat(150));
    await alice.button("Register").click();
    const alert = alice.page.getByRole("alert");
    await alert.filter({ hasText: "A password has at most 128 characters, and this one has 150." }).waitFor();
    await alice.button("Log in").click();
    await alert.filter({ hasText: "its first 128 characters are your password" }).waitFor();
    await field.fill(alice.password);
    await alice.button("Register").click();
    await alice.connected();
    const dialog = await openFromMenu(alice, "Change password");
    await dialog.getByLabel("Current password").fill(alice.password);
    await dialog.getByLabel("New password").focus();
    await alice.page.keyboard.insertText("y".repeat(129));
    await dialog.getByRole("button", { name: "Change password" }).click();
    await dialog.getByRole("alert").filter({ hasText: "and this one has 129." }).waitFor();
  });

  it("is not deleted, nor changed, by the page of a network that wants a login", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Still here");
    const { id } = await bob.find(alice.username);
    let answer = { status: 200, contentType: "text/html", body: "<h1>Welcome</h1>" };
    const isOurs = (url: URL) => /^\/(account|password|sessions|blocks|logout)/.test(url.pathname);
    await alice.page.route(isOurs, (route) => route.fulfill(answer));

    const deletion = await openFromMenu(alice, "Delete account");
    await deletion.getByLabel("Your password").fill("not the password");
    await giveUp(alice, "/account/delete", () => deletion.getByRole("button", { name: "Delete my account" }).click());
    const alert = deletion.getByRole("alert");
    await alert.filter({ hasText: "Something on this network" }).waitFor();
    expect(await alert.textContent()).toContain("It is not known whether this was done.");
    const names = await alice.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    expect(names).toContain(`gotalk-${id}`);
    await alice.page.keyboard.press("Escape");

    answer = { status: 204, contentType: "", body: "" };
    const change = await openFromMenu(alice, "Change password");
    await change.getByLabel("Current password").fill(alice.password);
    await change.getByLabel("New password").fill("a new password");
    await giveUp(alice, "/password", () => change.getByRole("button", { name: "Change password" }).click());
    await change.getByRole("alert").filter({ hasText: "It is not known whether this was done." }).waitFor();
    await alice.page.keyboard.press("Escape");

    answer = { status: 401, contentType: "text/html", body: "<h1>Proxy</h1>" };
    await chooseInMenu(alice, "Block");
    const question = alice.page.getByRole("dialog", { name: /^Block / });
    await giveUp(alice, "/blocks/", () => question.getByRole("button", { name: "Block" }).click());
    await question.getByRole("alert").filter({ hasText: "It is not known whether this was done." }).waitFor();
    await alice.page.keyboard.press("Escape");
    await alice.message("Still here").waitFor();

    await alice.button("Log out").click();
    await alice.page.getByRole("alert").filter({ hasText: "The server may not know it yet" }).waitFor();
    await bob.send({ to: id, content: "You are still there" });
  });

  it("blocks somebody in a conversation, and unblocks them there and from the menu", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const name = bob.session?.username ?? "";
    const to = (await bob.find(alice.username)).id;
    await alice.talkTo(name);
    for (const [at, unblock] of [
      () => chooseInMenu(alice, "Unblock"),
      async () => {
        await alice.page.locator(".between").getByRole("button", { name: "Unblock" }).click();
        await eventually(async () =>
          expect(await alice.box.evaluate((box) => document.activeElement === box)).toBe(true),
        );
      },
      async () => {
        const dialog = await openFromMenu(alice, "Blocked people");
        await dialog.getByRole("button", { name: `Unblock ${name}` }).click();
        await dialog.getByText("You have blocked nobody.").waitFor();
        await alice.page.keyboard.press("Escape");
      },
    ].entries()) {
      await chooseInMenu(alice, "Block");
      const question = alice.page.getByRole("dialog", { name: `Block ${name}?` });
      await question.getByRole("button", { name: "Block" }).click();
      await alice.page.getByText(`You have blocked ${name}`).waitFor();
      expect(await alice.page.evaluate(() => document.activeElement?.ariaLabel)).toBe("Conversation menu");
      await alice.page.setViewportSize({ width: 320, height: 640 });
      const { x = 0, width = 0 } = (await alice.button("Conversation menu").boundingBox()) ?? {};
      expect(width).toBeGreaterThan(0);
      expect(x + width).toBeLessThanOrEqual(320);
      await expect(bob.send({ to, content: "Hello?" })).rejects.toSatisfy(isProblem("blocked"));
      await alice.page.reload();
      await alice.page.getByText(`You have blocked ${name}`).waitFor();
      await unblock();
      await alice.page.getByText(`You have blocked ${name}`).waitFor({ state: "detached" });
      await bob.send({ to, content: `Heard ${at}` });
      await alice.message(`Heard ${at}`).waitFor();
    }
    expect(await alice.texts()).toEqual(["Heard 0", "Heard 1", "Heard 2"]);
  });

  it("is told when somebody has blocked it, and may try again later", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    const { id } = await bob.find(alice.username);
    await bob.block(id);
    await alice.send("Are you there?");
    await alice.page
      .getByRole("alert")
      .filter({ hasText: "This person has blocked you. Your message was not delivered." })
      .waitFor();
    await bob.unblock(id);
    await alice.button("Retry").click();
    await alice.message("Are you there?").getByText("Sent", { exact: true }).waitFor();
    expect(await takeAll(bob)).toMatchObject([{ content: "Are you there?" }]);
  });

  it("can be managed on a screen 320 pixels wide, and by the keyboard", async () => {
    const alice = await visitor("alice", { viewport: { width: 320, height: 568 } });
    const fields = ["Change password", "Delete account"];
    for (const name of ["Notifications", "Devices", "Blocked people", "Log out and erase this device", ...fields]) {
      await alice.button(/Account/).focus();
      await alice.page.keyboard.press("Enter");
      await alice.button(name).focus();
      await alice.page.keyboard.press("Enter");
      const dialog = alice.page.getByRole("dialog", { name });
      await dialog.waitFor();
      const box = await dialog.boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(320);
      expect(await dialog.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
      expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
      // Where there is something to fill in, one can begin at once.
      expect(await dialog.evaluate(() => document.activeElement?.tagName)).toBe(
        fields.includes(name) ? "INPUT" : "BUTTON",
      );
      await alice.page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    }
  });
});
