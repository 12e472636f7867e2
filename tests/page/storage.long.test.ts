import type { BrowserContext } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { endLease, moveLease } from "../support/lease.ts";
import { failed, setBroken, withBreakableStorage } from "../support/page/broken-storage.ts";
import { usePage } from "../support/page/fixture.ts";
import { setFull, tryAgain, withLimitedStorage } from "../support/page/full-storage.ts";
import { passTime } from "../support/page/pass-time.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { problemText } from "../support/problem-text.ts";
import { newContents } from "../support/receiving.ts";
import { seedUser } from "../support/shared/index.ts";
import { silence } from "./support/friends.ts";
import { storedRecords } from "./support/records.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Lets a page's connections to its storage be ended by {@link loseStorage}. */
function collectDatabases(): void {
  const databases: IDBDatabase[] = [];
  Reflect.set(globalThis, "databases", databases);
  const original = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...values: Parameters<typeof original>) {
    const request = original.apply(this, values);
    request.addEventListener("success", () => databases.push(request.result));
    return request;
  };
}

/** Ends them as a browser does whose database process has died: what is stored stays. */
const loseStorage = ({ page }: Visitor): Promise<void> =>
  page.evaluate(() => {
    for (const database of Reflect.get(globalThis, "databases") as IDBDatabase[]) {
      database.close();
      database.dispatchEvent(new Event("close"));
    }
  });

describe("storage", () => {
  const fixture = usePage();
  const { visitor, stranger, client } = fixture;

  it("that is full keeps messages on the server, and says what to do", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withLimitedStorage }), client("bob")]);
    await setFull(alice, true);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, content: "No room for this" });
    const problem = alice.page.getByRole("alert").filter({ hasText: "The storage of this browser is full" });
    await problem.waitFor();
    expect(await alice.conversations.getByText("No room for this").count()).toBe(0);
    await tryAgain(alice);
    await alice.conversations.getByText("No room for this").click();
    await problem.waitFor({ state: "detached" });
    await alice.message("No room for this").waitFor();
    expect(await alice.texts()).toEqual(["No room for this"]);
  });

  it("that is full from the first moment of a new device on stops nothing for good", async () => {
    const before = async (context: BrowserContext) => {
      await withLimitedStorage(context);
      await context.addInitScript(() => Reflect.set(globalThis, "isFull", true));
    };
    const [alice, bob] = await Promise.all([stranger("alice", { before }), client("bob")]);
    await seedUser(alice);
    await alice.page.goto(alice.url);
    await alice.fillIn();
    await alice.button("Log in").click();
    const problem = alice.page.getByRole("alert").filter({ hasText: "The storage of this browser is full" });
    await problem.waitFor();
    await tryAgain(alice);
    await problem.waitFor({ state: "detached" });
    await bob.send({ to: (await bob.find(alice.username)).id, content: "There is room" });
    await alice.conversations.getByText("There is room").waitFor();
  });

  it("that was full is said to have room again by another tab, which has taken the lead", async () => {
    const [first, bob] = await Promise.all([visitor("alice", { before: withLimitedStorage }), client("bob")]);
    const second = await first.openTab();
    await second.connected();
    await setFull(first, true);
    await bob.send({ to: (await bob.find(first.username)).id, content: "There is room" });
    const problem = second.page.getByRole("alert").filter({ hasText: "The storage of this browser is full" });
    await problem.waitFor();
    await first.page.close();
    await second.conversations.getByText("There is room").waitFor();
    await problem.waitFor({ state: "detached" });
  });

  it("that is full leaves what was typed in the box", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withLimitedStorage }), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.box.fill("Precious");
    await setFull(alice, true);
    await alice.box.press("Enter");
    await alice.page.getByRole("alert").filter({ hasText: "The storage of this browser is full" }).waitFor();
    expect(await alice.box.inputValue()).toBe("Precious");
    await setFull(alice, false);
    await alice.box.press("Enter");
    await alice.message("Precious").getByText("Sent", { exact: true }).waitFor();
  });

  it("that fails for a moment is read again by itself", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", {
        before: async (context) => {
          await withBreakableStorage(context);
          await context.clock.install();
        },
      }),
      client("bob"),
    ]);
    await alice.page.route("**/send", (route) =>
      route.fulfill({ status: 403, contentType: "application/problem+json", body: problemText(403, "forbidden") }),
    );
    await alice.talkTo(bob.session?.username ?? "");
    await setBroken(alice, true);
    await alice.send("Refused");
    await failed(alice);
    expect(await alice.message("Refused").getByText("Failed").count()).toBe(0);
    await setBroken(alice, false);
    await passTime(alice.page, 1_000, alice.message("Refused").getByText("Failed").waitFor());
  });

  it("that fails for a moment hides nothing that another tab has stored", async () => {
    const [first, bob] = await Promise.all([visitor("alice", { before: withBreakableStorage }), client("bob")]);
    await first.talkTo(bob.session?.username ?? "");
    const second = await first.openTab();
    await second.conversations.getByRole("button").click();
    await second.log.getByText("Say hello.").waitFor();
    await setBroken(second, true);
    const { id } = await bob.find(first.username);
    await bob.send({ to: id, content: "While it fails" });
    await failed(second);
    await setBroken(second, false);
    await bob.send({ to: id, content: "And then" });
    for (const text of ["While it fails", "And then"]) await second.message(text).waitFor();
    expect(await second.texts()).toEqual(["While it fails", "And then"]);
  });

  it("that fails when a message is in the outbox does not give it back, to be sent twice", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withBreakableStorage }), client("bob")]);
    await alice.to.fill(bob.session?.username ?? "");
    await alice.box.fill("Only once");
    await setBroken(alice, true);
    await alice.button("Send").click();
    await alice.log.waitFor();
    await failed(alice);
    await setBroken(alice, false);
    await alice.conversations.getByText("Only once").click();
    await alice.message("Only once").getByText("Sent", { exact: true }).waitFor();
    expect(await alice.box.inputValue()).toBe("");
    expect(await alice.page.getByRole("alert").count()).toBe(0);
    expect(await newContents(bob)).toEqual(["Only once"]);
  });

  it("that the browser has lost is opened again, with the conversation and what was being typed", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { before: (context) => context.addInitScript(collectDatabases) }),
      client("bob"),
    ]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Before");
    await alice.box.pressSequentially("After");
    const before = await alice.box.elementHandle();
    await loseStorage(alice);
    await before?.waitForElementState("hidden");
    await alice.message("Before").waitFor();
    await alice.page.waitForFunction(() => document.querySelector("textarea")?.value === "After");
    await alice.box.press("Enter");
    await alice.message("After").getByText("Sent", { exact: true }).waitFor();
    await bob.send({ to: (await bob.find(alice.username)).id, content: "And back" });
    await alice.message("And back").waitFor();
    expect(await alice.texts()).toEqual(["Before", "After", "And back"]);
  });

  it("that the browser has lost without a word is opened again when somebody comes back", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { before: (context) => context.addInitScript(collectDatabases) }),
      client("bob"),
    ]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.page.evaluate(() => {
      for (const database of Reflect.get(globalThis, "databases") as IDBDatabase[]) database.close();
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Still there?" });
    await alice.message("Still there?").waitFor();
    await alice.sendForSure("Yes");
  });

  it("that was cleared begins anew, in every tab", async () => {
    const [first, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const second = await first.openTab();
    await first.talkTo(bob.session?.username ?? "");
    await first.sendForSure("Cleared");
    await second.conversations.getByText("Cleared").waitFor();
    const { origin } = new URL(first.url);
    const browser = await first.context.newCDPSession(first.page);
    await browser.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
    for (const tab of [first, second]) await tab.page.getByText("No conversations yet.").waitFor();
    await bob.send({ to: (await bob.find(first.username)).id, content: "Still there?" });
    for (const tab of [first, second]) await tab.conversations.getByText("Still there?").click();
    await second.sendForSure("Yes");
    await first.message("Yes").waitFor();
    expect(await first.texts()).toEqual(["Still there?", "Yes"]);
  });

  it("of a newer version is said to be just that, in the tab that is open as well, with a way out", async () => {
    const alice = await visitor("alice");
    const { session } = await alice.elsewhere();
    const notice = alice.page.getByRole("alert").filter({ hasText: "Your messages are stored by a newer version" });
    await alice.page.evaluate(async (userId) => {
      const request = indexedDB.open(`gotalk-${userId}`, 1_000);
      await new Promise((resolve) => {
        request.onsuccess = resolve;
      });
      request.result.close();
    }, session?.id ?? "");
    await notice.waitFor();
    await alice.button("Reload").click();
    await notice.waitFor();
    await alice.button("Log out and erase this device").click();
    await alice.button("Erase them").click();
    await alice.page.getByRole("alert").filter({ hasText: "this browser keeps nothing of" }).waitFor();
    await alice.logIn();
  });

  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a list", "[]"],
    ["a session without a name", '{"token":"t","id":"i","receipt":"r","expiresAt":"2030-01-01T00:00:00Z"}'],
    ["a session of another form", '{"token":{},"id":5,"username":null,"receipt":"r","expiresAt":"e"}'],
  ])("whose session is damaged shows the login: %s", async (_, record) => {
    const alice = await visitor("alice");
    await alice.page.evaluate((value) => localStorage.setItem("gotalk.session.2", value), record);
    await alice.page.reload();
    await alice.page
      .getByRole("alert")
      .filter({ hasText: "The login that this browser has stored is damaged." })
      .waitFor();
    await alice.logIn();
    await alice.page.reload();
    await alice.connected();
  });

  it("with damaged records shows all others, and goes on", async () => {
    const [alice, bob, carol] = await Promise.all([
      // Without a WebSocket nothing wakes it, and neither does the failure of one.
      visitor("alice", {
        before: async (context) => {
          await context.addInitScript(() => Reflect.deleteProperty(globalThis, "WebSocket"));
          await context.clock.install();
        },
      }),
      client("bob"),
      client("carol"),
    ]);
    const { id } = await bob.find(alice.username);
    // The last batch stays out: the page acknowledges nothing after it.
    let isLast = false;
    let isRefused = false;
    let isReloaded = false;
    let receipt: unknown;
    let askedAgain = 0;
    await alice.page.route("**/sync", async (route) => {
      if (isReloaded) {
        if (receipt !== undefined) askedAgain++;
        const response = await route.fetch();
        if (response.ok()) receipt ??= (await response.json()).receipt;
        return route.fulfill({ response });
      }
      if (isLast) {
        isRefused = true;
        return route.abort("connectionrefused");
      }
      const response = await route.fetch();
      isLast = (await response.text()).includes("From Carol");
      return route.fulfill({ response });
    });
    await bob.send({ to: id, content: "Whole" });
    // A batch of its own: the first batch of a session would be handed out again by the receipt of the login.
    await alice.conversations.getByText("Whole").waitFor();
    await carol.send({ to: id, content: "From Carol" });
    await alice.conversations.getByText("From Carol").waitFor();
    await alice.page.evaluate(
      async ([userId, peerId, other]) => {
        const request = indexedDB.open(`gotalk-${userId}`);
        await new Promise((resolve) => {
          request.onsuccess = resolve;
        });
        const names = ["messages", "conversations", "drafts", "outbox", "state"];
        const transaction = request.result.transaction(names, "readwrite");
        const store = (name: string): IDBObjectStore => transaction.objectStore(name);
        store("messages").put({ id: "damaged", peerId, sentAt: "2020-01-01T00:00:00.000Z" });
        store("conversations").put({ peerId: other, name: 5, unread: "many" });
        store("drafts").put({ peerId, text: { not: "a text" } });
        store("outbox").put({ peerId, status: "pending" });
        store("state").put({ receipt: 5 }, "inbox");
        await new Promise((resolve) => {
          transaction.oncomplete = resolve;
        });
        request.result.close();
      },
      [id, bob.session?.id, carol.session?.id] as const,
    );
    await moveLease(fixture.stack.data, id, Date.now() + HOUR);
    // The page that is left behind shows its receipt no more. What it asks for as it goes may not come by here.
    await eventually(() => expect(isRefused).toBe(true));
    await silence(alice);
    await alice.page.goto("about:blank");
    isReloaded = true;
    await alice.page.goto(alice.url);
    await alice.connected();
    await alice.conversations.getByRole("button").click();
    expect(await alice.firstTexts(2)).toEqual(["This message is damaged and cannot be shown.", "Whole"]);
    expect(await alice.box.inputValue()).toBe("");
    // The page has taken the answer, and waits. Before that its clock would end the request.
    await eventually(async () => {
      expect(receipt).toBeDefined();
      const states = await storedRecords<{ receipt?: unknown }>(alice, "state");
      expect(states.map((state) => state.receipt)).toContain(receipt);
    });
    await alice.page.clock.fastForward(HOUR / 2);
    await alice.sendForSure("An answer");
    // Without its place in the chain of receipts the page waits for the end of the lease, and does not ask before.
    expect(askedAgain).toBe(0);
    await carol.send({ to: id, content: "Again" });
    await endLease(fixture.stack.data, id);
    await alice.page.clock.fastForward(HOUR / 2 + MINUTE);
    await alice.conversations.getByRole("button", { name: carol.session?.username ?? "" }).waitFor();
  });

  it("with anything that breaks the page leaves no blank page, but ways out", async () => {
    const [alice, bob] = await Promise.all([
      stranger("alice", {
        before: (context) =>
          context.addInitScript(() => {
            const { format } = Intl.RelativeTimeFormat.prototype;
            Intl.RelativeTimeFormat.prototype.format = function (...values: Parameters<typeof format>) {
              if (localStorage.getItem("isBroken")) throw new RangeError("broken");
              return format.apply(this, values);
            };
          }),
      }),
      client("bob"),
    ]);
    await alice.register();
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Fine" });
    await alice.conversations.getByText("Fine").waitFor();
    await alice.page.evaluate(() => localStorage.setItem("isBroken", "true"));
    await alice.conversations.getByRole("button").click();
    const notice = alice.page.getByRole("alert").filter({ hasText: "Something went wrong in this page" });
    await notice.waitFor();
    expect(alice.faults.splice(0)).toEqual(["RangeError: broken"]);
    await alice.page.evaluate(() => localStorage.removeItem("isBroken"));
    await alice.button("Reload").click();
    await alice.message("Fine").waitFor();
  });

  it("that is refused is said, and nothing is fetched that could not be kept", async () => {
    const alice = await stranger("alice", {
      before: (context) =>
        context.addInitScript(() => {
          IDBFactory.prototype.open = () => {
            throw new DOMException("refused", "SecurityError");
          };
        }),
    });
    let syncs = 0;
    alice.page.on("request", (request) => {
      if (request.url().endsWith("/sync")) syncs++;
    });
    await alice.page.goto(alice.url);
    await alice.fillIn();
    await alice.button("Register").click();
    await alice.page.getByRole("alert").filter({ hasText: "does not let the page store" }).waitFor();
    await alice.button("Try again").waitFor();
    expect(syncs).toBe(0);
  });
});
