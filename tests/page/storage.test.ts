import { describe, expect, it } from "vitest";
import { problemText } from "../support/problem-text.ts";
import { failed, setBroken, withBreakableStorage } from "./support/broken-storage.ts";
import { usePage } from "./support/fixture.ts";
import { setFull, withLimitedStorage } from "./support/full-storage.ts";
import type { Visitor } from "./support/visitor.ts";

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
  const { visitor, stranger, client } = usePage();

  it("that is full keeps messages on the server, and says what to do", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withLimitedStorage }), client("bob")]);
    await setFull(alice, true);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, content: "No room for this" });
    const problem = alice.page.getByRole("alert").filter({ hasText: "The storage of this browser is full" });
    await problem.waitFor();
    expect(await alice.conversations.getByText("No room for this").count()).toBe(0);
    await setFull(alice, false);
    await alice.button("Try again").click();
    await alice.conversations.getByText("No room for this").click();
    await problem.waitFor({ state: "detached" });
    await alice.message("No room for this").waitFor();
    expect(await alice.texts()).toEqual(["No room for this"]);
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
    await alice.message("Precious").getByText("Sent").waitFor();
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
    await alice.page.clock.fastForward(5_000);
    await alice.message("Refused").getByText("Failed").waitFor();
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
    await second.message("And then").waitFor();
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
    await alice.message("Only once").getByText("Sent").waitFor();
    expect(await alice.box.inputValue()).toBe("");
    expect(await alice.page.getByRole("alert").count()).toBe(0);
    expect((await bob.sync()).messages.map(({ content }) => content)).toEqual(["Only once"]);
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
    await alice.message("After").getByText("Sent").waitFor();
    await bob.send({ to: (await bob.find(alice.username)).id, content: "And back" });
    await alice.message("And back").waitFor();
    expect(await alice.texts()).toEqual(["Before", "After", "And back"]);
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
