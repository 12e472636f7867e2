import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { DOCUMENT } from "../support/documented.ts";
import { violations } from "../support/page/axe.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { usePage } from "../support/page/fixture.ts";
import { setFull, tryAgain, withLimitedStorage } from "../support/page/full-storage.ts";
import { seedHistory } from "../support/page/history.ts";
import { refuse } from "../support/page/refuse.ts";
import { problemText } from "../support/problem-text.ts";
import { chooseInMenu } from "./support/menu.ts";

const { visitor, stranger, client } = usePage();

const PICTURE = { name: "picture.png", mimeType: "image/png", buffer: Buffer.from("PNG") };

/** The dialogs of the account, and how each is brought to say something. */
const ACCOUNT_DIALOGS: Readonly<Record<string, ((dialog: Locator) => Promise<unknown>) | undefined>> = {
  Notifications: undefined,
  async Devices(dialog) {
    await dialog
      .getByRole("button", { name: /^Remove / })
      .first()
      .click();
    await dialog.getByRole("button", { name: "Keep it" }).waitFor();
  },
  "Change password": undefined,
  "Blocked people": undefined,
  async "Bring history to another device"(dialog) {
    await dialog.getByRole("button", { name: "Upload" }).click();
    await dialog.getByRole("img", { name: "QR code" }).waitFor();
  },
  async "Bring history from another device"(dialog) {
    await dialog.getByLabel("Code from the other device").fill("not a code");
    await dialog.getByRole("button", { name: "Bring it here" }).click();
    await dialog.getByRole("alert").waitFor();
  },
  async "Export history"(dialog) {
    await dialog.getByRole("button", { name: "Export" }).click();
    await dialog.getByText("0 messages exported").waitFor();
  },
  async "Import history"(dialog) {
    await dialog.getByLabel("File of an exported history").setInputFiles(PICTURE);
    await dialog.getByRole("button", { name: "Import" }).click();
    await dialog.getByRole("alert").waitFor();
  },
  "Log out and erase this device": undefined,
  async "Delete account"(dialog) {
    await dialog.getByLabel("Your password").fill("not the password");
    await dialog.getByRole("button", { name: "Delete my account" }).click();
    await dialog.getByRole("alert").waitFor();
  },
};

describe("axe finds nothing wrong", () => {
  it("with a transition that goes on, however long it takes", async () => {
    const alice = await stranger("alice");
    await alice.page.goto(alice.url);
    await alice.button("Log in").waitFor();
    const animated = await alice.page.evaluate(() => {
      const labels = document.querySelectorAll("label");
      const { backgroundColor } = getComputedStyle(document.body);
      for (const label of labels) label.animate([{ color: backgroundColor }, {}], { duration: 3_600_000 });
      return labels.length;
    });
    expect(animated).toBeGreaterThan(0);
    expect(await violations(alice)).toEqual([]);
  });

  it("with the login, also when it says no", async () => {
    const alice = await stranger("alice");
    await alice.page.goto(alice.url);
    await alice.button("Log in").waitFor();
    expect(await violations(alice)).toEqual([]);
    await alice.fillIn();
    await alice.button("Log in").click();
    await alice.page.getByRole("alert").waitFor();
    expect(await violations(alice)).toEqual([]);
    await alice.page.route("**/register", (route) =>
      route.fulfill({
        status: 400,
        contentType: "application/problem+json",
        body: problemText(400, "invalid_request", { errors: [{ field: "inviteCode", detail: "is required." }] }),
      }),
    );
    await alice.button("Register").click();
    await alice.page.getByRole("textbox", { name: "Invite code" }).waitFor();
    expect(await violations(alice)).toEqual([]);
  });

  it("with a page that is empty, or about to begin a conversation, or whose menu is open", async () => {
    const alice = await visitor("alice");
    expect(await violations(alice)).toEqual([]);
    await alice.to.fill("nobody-at-all");
    await alice.to.press("Enter");
    await alice.page.getByRole("alert").waitFor();
    expect(await violations(alice)).toEqual([]);
    await alice.button(/Account/).click();
    expect(await violations(alice)).toEqual([]);
  });

  it.each([320, 1_280])("with a busy page, a failing one and one offline, %i pixels wide", async (width) => {
    const viewport = { width, height: 700 };
    const [alice, bob, carol] = await Promise.all([visitor("alice", { viewport }), client("bob"), client("carol")]);
    const { id } = await bob.find(alice.username);
    await carol.send({ to: id, content: "unread" });
    await bob.send({ to: id, content: "https://example.com" });
    await alice.conversations.getByText("https://example.com").waitFor();
    await alice.conversations.getByText("unread", { exact: true }).first().waitFor();
    expect(await violations(alice)).toEqual([]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("An answer");
    expect(await violations(alice)).toEqual([]);

    await alice.page.route("**/send", (route) =>
      route.fulfill({ status: 403, contentType: "application/problem+json", body: problemText(403, "forbidden") }),
    );
    for (const text of ["failed 1", "failed 2"]) await alice.send(text);
    await alice.button("Retry all").waitFor();
    await alice.box.fill("x".repeat(16_385));
    await alice.page.getByText("Too long by").waitFor();
    expect(await violations(alice)).toEqual([]);

    await alice.box.fill("offline");
    await alice.context.setOffline(true);
    await alice.status.filter({ hasText: "Offline" }).waitFor();
    await alice.box.press("Enter");
    await alice.message("offline").getByText("Waiting for the network").waitFor();
    expect(await violations(alice)).toEqual([]);
  });

  it("with new messages below, while it reconnects, and when the session has ended", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await seedHistory(alice, bob, 100);
    await alice.log.evaluate((log) => log.scrollBy(0, -900));
    await alice.button("Newest messages").waitFor();
    await bob.send({ to: (await bob.find(alice.username)).id, content: "below" });
    await alice.button("1 new message").waitFor();
    expect(await violations(alice)).toEqual([]);
    const restore = await cutOff(alice.page, "**/sync");
    await alice.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await alice.button("Retry now").waitFor();
    expect(await violations(alice)).toEqual([]);
    await (await alice.withSameSession()).logout();
    restore();
    await alice.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await alice.page.getByRole("alert").filter({ hasText: "You were logged out from elsewhere" }).waitFor();
    expect(await violations(alice)).toEqual([]);
  });

  it("with each dialog of the account, also when it says no, and with somebody blocked", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.elsewhere();
    await alice.talkTo(bob.session?.username ?? "");
    await alice.button("Conversation menu").click();
    expect(await violations(alice)).toEqual([]);
    await alice.page.keyboard.press("Escape");
    await chooseInMenu(alice, "Block");
    const question = alice.page.getByRole("dialog");
    await question.waitFor();
    expect(await violations(alice)).toEqual([]);
    await question.getByRole("button", { name: "Block" }).click();
    await alice.page.getByText("You have blocked").waitFor();
    expect(await violations(alice)).toEqual([]);
    for (const [name, use] of Object.entries(ACCOUNT_DIALOGS)) {
      await alice.button(/Account/).click();
      await alice.button(name).click();
      const dialog = alice.page.getByRole("dialog", { name });
      await dialog.waitFor();
      await use?.(dialog);
      expect(await violations(alice)).toEqual([]);
      await alice.page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    }
  });

  it("with the theme that was chosen, whatever the system says", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("In any light");
    for (const name of ["Dark", "Light"]) {
      await alice.button(/Account/).click();
      await alice.page.getByRole("radio", { name, exact: true }).check();
      expect(await violations(alice)).toEqual([]);
      await alice.page.keyboard.press("Escape");
      expect(await violations(alice)).toEqual([]);
    }
  });

  it("when the storage is full, or the server is asked too often, and when the account is deleted", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withLimitedStorage }), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await setFull(alice, true);
    await alice.send("No room for this");
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Nor for this" });
    // Of what came, and of what was written.
    const problems = alice.page.getByRole("alert").filter({ hasText: "The storage of this browser is full" });
    await problems.nth(1).waitFor();
    expect(await violations(alice)).toEqual([]);
    await refuse(alice.page, "/sync", { status: 429, code: "too_many_attempts", retryAfter: 600 });
    await tryAgain(alice);
    await alice.status.filter({ hasText: "Too many requests" }).waitFor();
    expect(await violations(alice)).toEqual([]);
    await alice.button(/Account/).click();
    await alice.button("Delete account").click();
    const dialog = alice.page.getByRole("dialog", { name: "Delete account" });
    await dialog.getByLabel("Your password").fill(alice.password);
    await dialog.getByRole("button", { name: "Delete my account" }).click();
    await alice.page.getByRole("alert").filter({ hasText: "Your account is deleted" }).waitFor();
    expect(await violations(alice)).toEqual([]);
  });

  it("when nothing can be stored", async () => {
    const alice = await stranger("alice", {
      before: (context) =>
        context.addInitScript(() => {
          IDBFactory.prototype.open = () => {
            throw new DOMException("refused", "SecurityError");
          };
        }),
    });
    await alice.page.goto(alice.url);
    await alice.fillIn();
    await alice.button("Register").click();
    await alice.button("Try again").waitFor();
    expect(await violations(alice)).toEqual([]);
  });
});

describe("the API's reference", () => {
  const operations = Object.values(DOCUMENT.paths).flatMap((path) => Object.values(path));

  it("has each operation of the document, and needs no script", async () => {
    const reader = await stranger("reader", { javaScriptEnabled: false });
    const answer = await reader.page.goto(`${reader.url}/reference.html`);
    expect(answer?.status()).toBe(200);
    expect(await answer?.text()).not.toContain("<script");
    expect(operations.length).toBeGreaterThan(10);
    const shown = reader.page.getByRole("main").locator("section[id]");
    const ids = await shown.evaluateAll((all) => all.filter((each) => each.checkVisibility()).map(({ id }) => id));
    expect(ids.sort()).toEqual(operations.map(({ operationId }) => operationId).sort());
  });

  it("can be read by everybody, on a screen 320 pixels wide and with all that is folded", async () => {
    const reader = await stranger("reader", { viewport: { width: 320, height: 700 } });
    await reader.page.goto(`${reader.url}/reference.html`);
    await reader.page.locator("details").evaluateAll((all) => {
      for (const each of all) each.setAttribute("open", "");
    });
    expect(await reader.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    expect(await violations(reader)).toEqual([]);
  });
});
