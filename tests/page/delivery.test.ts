import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import { framesTo } from "../support/page/frames.ts";
import { giveUp } from "../support/page/give-up.ts";
import { refuse } from "../support/page/refuse.ts";
import { showFrame } from "../support/page/show.ts";
import { problemText } from "../support/problem-text.ts";
import { newContents } from "../support/receiving.ts";
import { takeAll } from "../support/taking.ts";

/** Lets the look into the outbox for one receiver fail, as long as `isBroken` says so. */
function breakable(): void {
  const original = IDBIndex.prototype.getAll;
  IDBIndex.prototype.getAll = function (...values: Parameters<typeof original>) {
    if (this.objectStore.name !== "outbox" || !Reflect.get(globalThis, "isBroken")) return original.apply(this, values);
    Reflect.set(globalThis, "failures", true);
    throw new DOMException("broken", "UnknownError");
  };
}

/** Lets no wait of a random length end by itself that is long enough to be told. */
function waitForEver(): void {
  const original = setTimeout;
  globalThis.setTimeout = ((work: () => void, milliseconds = 0) =>
    Number.isInteger(milliseconds) || milliseconds < 1_000 ? original(work, milliseconds) : 0) as typeof setTimeout;
}

/** What a server answers that has too much to do. */
const busy = (headers: Record<string, string> = {}) => ({
  status: 503,
  headers,
  contentType: "application/problem+json",
  body: problemText(503, "unavailable"),
});

describe("messages", () => {
  const { visitor, stranger, client } = usePage();

  it("go from a first visit to the first message, and both ways, each by a frame", async () => {
    const [alice, bob] = await Promise.all([stranger("alice"), stranger("bob")]);
    const frames = [alice, bob].map(framesTo);
    await bob.register();
    await alice.register();
    await Promise.all([alice.live(), bob.live()]);
    await alice.talkTo(bob.username);
    await alice.send("Hello, Bob!");
    await bob.conversations.getByRole("button", { name: alice.username }).click();
    await bob.message("Hello, Bob!").waitFor();
    await bob.sendForSure("Hello, Alice!");
    await alice.message("Hello, Alice!").waitFor();
    expect(await alice.texts()).toEqual(["Hello, Bob!", "Hello, Alice!"]);
    expect(await bob.texts()).toEqual(["Hello, Bob!", "Hello, Alice!"]);
    await showFrame(
      () => frames[0] ?? [],
      () => bob.send("Do you hear me, Alice?"),
    );
    await showFrame(
      () => frames[1] ?? [],
      () => alice.send("Do you hear me, Bob?"),
    );
  });

  it("may begin with the message, before the receiver is looked up", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), visitor("bob")]);
    await alice.to.fill(bob.username);
    await alice.box.fill("The name can wait");
    await alice.button("Send").click();
    await alice.message("The name can wait").getByText("Sent", { exact: true }).waitFor();
    expect(await alice.to.inputValue()).toBe("");
    await bob.conversations.getByText("The name can wait").waitFor();
  });

  it("show at once as pending, and then as sent", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await alice.page.route("**/send", async (route) => {
      await held;
      await route.continue();
    });
    await alice.send("On its way");
    await alice.message("On its way").getByText("Sending…").waitFor();
    // The same element goes on: another one would be read out once more, and be laid out anew.
    const pending = await alice.message("On its way").elementHandle();
    const text = await alice.message("On its way").locator(".text").elementHandle();
    answer();
    await alice.message("On its way").getByText("Sent", { exact: true }).waitFor();
    expect(await pending?.evaluate((element) => element.isConnected)).toBe(true);
    expect(await text?.evaluate((element) => element.isConnected)).toBe(true);
  });

  it("keep their place when they are sent", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("The first");
    await alice.context.setOffline(true);
    await alice.send("The second");
    await alice.message("The second").getByText("Waiting for the network").waitFor();
    const gap = async (): Promise<number> => {
      const [first, second] = await Promise.all(
        ["The first", "The second"].map((text) => alice.message(text).boundingBox()),
      );
      return Math.round((second?.y ?? 0) - (first?.y ?? 0) - (first?.height ?? 0));
    };
    const before = await gap();
    await alice.context.setOffline(false);
    await alice.message("The second").getByText("Sent", { exact: true }).waitFor();
    expect(await gap()).toBe(before);
  });

  it("bear one UUIDv7 in all attempts, and arrive once though the first answer was lost", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    const ids: string[] = [];
    await alice.page.route("**/send", async (route) => {
      ids.push(route.request().postDataJSON().messageId);
      await route.fetch();
      if (ids.length === 1) await route.abort("connectionreset");
      else await route.continue();
    });
    await alice.sendForSure("Only once");
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(await newContents(bob)).toEqual(["Only once"]);
  });

  it("fail with the reason, and can be tried again, all at once, or deleted", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    let isRefused = true;
    await refuse(alice.page, "/send", { status: 403, code: "forbidden" }, () => isRefused);
    for (const text of ["one", "two", "three"]) {
      await alice.send(text);
      await alice.message(text).getByText("Failed").waitFor();
    }
    expect(await alice.page.getByRole("alert").filter({ hasText: "not allowed" }).count()).toBe(3);
    await alice.button("Delete").nth(1).click();
    await alice.message("two").waitFor({ state: "detached" });
    isRefused = false;
    await alice.button("Retry").first().click();
    await alice.message("one").getByText("Sent", { exact: true }).waitFor();
    isRefused = true;
    await alice.send("four");
    await alice.message("four").getByText("Failed").waitFor();
    isRefused = false;
    await alice.button("Retry all").click();
    await alice.message("four").getByText("Sent", { exact: true }).waitFor();
    const messages = await takeAll(bob);
    expect(messages.map(({ content }) => content)).toEqual(["one", "three", "four"]);
  });

  it("wait as long as Retry-After says, whatever else happens, and then go out once and in order", async () => {
    const [alice, bob, carol] = await Promise.all([
      visitor("alice", { before: (context) => context.clock.install() }),
      client("bob"),
      client("carol"),
    ]);
    const attempts: string[] = [];
    const passed = new Set<string>();
    let isFull = true;
    await alice.page.route("**/send", (route) => {
      const { content } = route.request().postDataJSON();
      // A busy server is asked again.
      if (!passed.has(content)) attempts.push(content);
      if (!isFull || content === "To Carol") {
        passed.add(content);
        return route.continue();
      }
      return route.fulfill({
        status: 429,
        headers: { "retry-after": "3600" },
        contentType: "application/problem+json",
        body: problemText(429, "channel_full"),
      });
    });
    const why = alice.page.getByRole("alert").filter({ hasText: "Their mailbox is full." });
    await alice.talkTo(bob.session?.username ?? "");
    await alice.send("Patient");
    await why.waitFor();
    isFull = false;
    // What would otherwise lead to another attempt: the time, a second message, a click, and a look at the page.
    await alice.page.clock.fastForward(60_000);
    await alice.send("Next");
    await alice.message("Next").getByText("Sending…").waitFor();
    await alice.button("Retry").click();
    await alice.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await alice.talkTo(carol.session?.username ?? "");
    await alice.sendForSure("To Carol");
    expect(attempts).toEqual(["Patient", "To Carol"]);
    await alice.conversations.getByRole("button", { name: bob.session?.username ?? "" }).click();
    await why.waitFor();
    await alice.page.clock.fastForward(3_600_000);
    await alice.message("Next").getByText("Sent", { exact: true }).waitFor();
    expect(attempts).toEqual(["Patient", "To Carol", "Patient", "Next"]);
    expect(await newContents(bob)).toEqual(["Patient", "Next"]);
  });

  it("that are deleted while they wait for another attempt never go out, and what was asked for is waited for", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { before: (context) => context.clock.install() }),
      client("bob"),
    ]);
    const attempts: string[] = [];
    const passed = new Set<string>();
    await alice.page.route("**/send", (route) => {
      const { content } = route.request().postDataJSON();
      // A busy server is asked again.
      if (!passed.has(content)) attempts.push(content);
      if (attempts.length === 1) return route.fulfill(busy({ "retry-after": "3600" }));
      passed.add(content);
      return route.continue();
    });
    const why = alice.page.getByRole("alert").filter({ hasText: "The server is busy." });
    await alice.talkTo(bob.session?.username ?? "");
    await alice.send("Second thoughts");
    await why.waitFor();
    await alice.button("Delete").click();
    await alice.message("Second thoughts").waitFor({ state: "detached" });
    await alice.send("Instead of it");
    // The server has not taken back what it asked for; the message that waits now says so.
    await why.waitFor();
    expect(attempts).toEqual(["Second thoughts"]);
    await alice.page.clock.fastForward(3_700_000);
    await alice.message("Instead of it").getByText("Sent", { exact: true }).waitFor();
    expect(attempts).toEqual(["Second thoughts", "Instead of it"]);
    expect(await alice.texts()).toEqual(["Instead of it"]);
    expect(await newContents(bob)).toEqual(["Instead of it"]);
  });

  it("that are deleted too late, while the server takes them, are in the history as sent, once", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { before: (context) => context.clock.install() }),
      client("bob"),
    ]);
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const attempts: string[] = [];
    const passed = new Set<string>();
    await alice.page.route("**/send", async (route) => {
      const { content } = route.request().postDataJSON();
      // A busy server is asked again.
      if (!passed.has(content)) attempts.push(content);
      if (attempts.length === 1) return route.fulfill(busy({ "retry-after": "3600" }));
      passed.add(content);
      await held;
      await route.continue();
    });
    await alice.talkTo(bob.session?.username ?? "");
    await alice.send("Too late");
    await alice.message("Too late").getByText("Not sent yet").waitFor();
    await alice.page.clock.fastForward(3_700_000);
    await eventually(() => expect(attempts).toHaveLength(2));
    await alice.button("Delete").click();
    await alice.message("Too late").waitFor({ state: "detached" });
    answer();
    await alice.message("Too late").getByText("Sent", { exact: true }).waitFor();
    await alice.sendForSure("The next");
    expect(attempts).toEqual(["Too late", "Too late", "The next"]);
    expect(await alice.texts()).toEqual(["Too late", "The next"]);
    await alice.page.reload();
    expect(await alice.firstTexts(2)).toEqual(["Too late", "The next"]);
    expect(await newContents(bob)).toEqual(["Too late", "The next"]);
  });

  it("are tried at once on Retry, where the server has not asked for a wait", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { before: (context) => context.addInitScript(waitForEver) }),
      client("bob"),
    ]);
    await alice.page.route("**/send", (route) => route.fulfill(busy()));
    await alice.talkTo(bob.session?.username ?? "");
    await alice.send("Now, please");
    await alice.message("Now, please").getByText("Not sent yet").waitFor();
    await alice.page.unroute("**/send");
    await alice.button("Retry").click();
    await alice.message("Now, please").getByText("Sent", { exact: true }).waitFor();
    expect(await newContents(bob)).toEqual(["Now, please"]);
  });

  it("of three people each reach whom they were meant for", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), visitor("bob"), visitor("carol")]);
    await alice.talkTo(bob.username);
    await alice.sendForSure("For Bob");
    await carol.talkTo(bob.username);
    await carol.sendForSure("From Carol");
    await bob.conversations.getByRole("button", { name: carol.username }).click();
    await bob.message("From Carol").waitFor();
    expect(await bob.texts()).toEqual(["From Carol"]);
    await bob.sendForSure("For Carol");
    await bob.conversations.getByRole("button", { name: alice.username }).click();
    await bob.message("For Bob").waitFor();
    expect(await bob.texts()).toEqual(["For Bob"]);
    await carol.message("For Carol").waitFor();
    expect(await alice.texts()).toEqual(["For Bob"]);
    expect(await alice.conversations.getByRole("button").count()).toBe(1);
  });

  it("written one right after the other all go out, in order, while the first is still on its way", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    const sent: string[] = [];
    await alice.page.route("**/send", async (route) => {
      const { content } = route.request().postDataJSON();
      // A busy server is asked again.
      if (content !== sent.at(-1)) sent.push(content);
      await route.continue();
    });
    const texts = Array.from({ length: 12 }, (_, index) => `quick ${index}.`);
    for (const text of texts) await alice.send(text);
    await alice.message("quick 11.").getByText("Sent", { exact: true }).waitFor();
    expect(sent).toEqual(texts);
    expect(await alice.texts()).toEqual(texts);
    expect(await newContents(bob)).toEqual(texts);
  });

  it("go out in order though the storage failed in between", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { before: (context) => context.addInitScript(breakable) }),
      client("bob"),
    ]);
    const setBroken = (isBroken: boolean) =>
      alice.page.evaluate((value) => void Reflect.set(globalThis, "isBroken", value), isBroken);
    await alice.talkTo(bob.session?.username ?? "");
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const sent: string[] = [];
    await alice.page.route("**/send", async (route) => {
      const { content } = route.request().postDataJSON();
      // A busy server is asked again.
      if (content !== sent.at(-1)) sent.push(content);
      await held;
      await route.continue();
    });
    await alice.send("first");
    await eventually(() => expect(sent).toEqual(["first"]));
    await alice.send("second");
    await alice.message("second").waitFor();
    await setBroken(true);
    answer();
    // The second one has been looked for, and could not be read.
    await alice.page.waitForFunction(() => Reflect.get(globalThis, "failures"));
    await setBroken(false);
    await alice.sendForSure("third");
    expect(sent).toEqual(["first", "second", "third"]);
    expect(await newContents(bob)).toEqual(sent);
  });

  it("written offline survive a reload and a closed tab, and go out once and in order when the network is back", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { serviceWorkers: "allow" }), client("bob")]);
    // The page opens offline once its worker has it.
    await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await alice.talkTo(bob.session?.username ?? "");
    await alice.context.setOffline(true);
    await alice.status.filter({ hasText: "Offline" }).waitFor();
    const texts = Array.from({ length: 5 }, (_, index) => `offline ${index}`);
    for (const text of texts) await alice.send(text);
    // What is shown is stored; what is not yet is still the draft.
    await alice.message("offline 4").waitFor();
    await alice.page.reload();
    await alice.message("offline 4").getByText("Waiting for the network").waitFor();
    await alice.page.close();
    const tab = await alice.openTab();
    await tab.conversations.getByRole("button").click();
    expect(await tab.firstTexts(texts.length)).toEqual(texts);
    await tab.message("offline 4").getByText("Waiting for the network").waitFor();
    await alice.context.setOffline(false);
    await tab.message("offline 4").getByText("Sent", { exact: true }).waitFor();
    expect(await tab.texts()).toEqual(texts);
    expect(await newContents(bob)).toEqual(texts);
  });

  it("to somebody who is in the list already begin under To without a network", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const name = bob.session?.username ?? "";
    await alice.talkTo(name);
    await alice.context.setOffline(true);
    await alice.status.filter({ hasText: "Offline" }).waitFor();
    await alice.to.fill(name.toUpperCase());
    await alice.send("Written in the tunnel");
    await alice.message("Written in the tunnel").getByText("Waiting for the network").waitFor();
    await alice.to.fill("nobody-at-all");
    await giveUp(alice, "/users/nobody-at-all", () => alice.to.press("Enter"));
    await alice.page.getByRole("alert").filter({ hasText: "The server cannot be reached." }).waitFor();
    await alice.to.fill("");
    await alice.context.setOffline(false);
    await alice.message("Written in the tunnel").getByText("Sent", { exact: true }).waitFor();
    expect(await newContents(bob)).toEqual(["Written in the tunnel"]);
  });

  it("come neither not at all nor twice when the answer of a sync is cut", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    let cuts = 0;
    await alice.page.route("**/sync", async (route) => {
      const response = await route.fetch();
      const hasMessages = (await response.text()).includes('"content"');
      if (!hasMessages || cuts >= 2) return route.fulfill({ response });
      cuts++;
      await route.abort("connectionreset");
    });
    for (const content of ["first", "second", "third"]) {
      await bob.send({ to: (await bob.find(alice.username)).id, content });
    }
    await alice.conversations.getByRole("button", { name: bob.session?.username ?? "" }).click();
    await alice.message("third").waitFor();
    // The messages came in frames. The sync that settles them is what is cut.
    await eventually(() => expect(cuts).toBe(2));
    expect(await alice.texts()).toEqual(["first", "second", "third"]);
  });

  it("are acknowledged only after they are stored, wherever the page is killed", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    const all = Array.from({ length: 40 }, (_, index) => `message ${index}`);
    for (const content of all) {
      await bob.send({ to: id, content });
      // Away from the page and back, without a goodbye.
      if (Number(content.slice(8)) % 8 === 7) await alice.page.goto("about:blank").then(() => alice.page.goBack());
    }
    await alice.conversations.getByRole("button", { name: bob.session?.username ?? "" }).click();
    expect(await alice.firstTexts(all.length)).toEqual(all);
  });

  it("flagged as redelivered are shown once if they are here, and shown if they are not", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, content: "known" });
    await alice.conversations.getByText("known").waitFor();
    const known = await alice.page.evaluate(async (userId) => {
      const request = indexedDB.open(`gotalk-${userId}`);
      const database = await new Promise<IDBDatabase>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
      const all = database.transaction("messages").objectStore("messages").getAll();
      return new Promise<string>((resolve) => {
        all.onsuccess = () => resolve(all.result[0].id);
      });
    }, id);
    const [senderId, messageId] = known.split("/");
    await alice.page.route("**/sync", async (route) => {
      const response = await route.fetch();
      const common = {
        senderId,
        senderName: bob.session?.username,
        sentAt: new Date().toISOString(),
        redelivered: true,
      };
      const messages = [
        { ...common, messageId, content: "known" },
        { ...common, messageId: "0198c5f0-0000-7000-8000-000000000000", content: "unknown" },
      ];
      const receipt = crypto.randomUUID();
      await route.fulfill({ response, json: { ...(await response.json()), receipt, messages } });
    });
    // The page of somebody whose other device took the batch over has nothing in `recent`.
    await alice.page.reload();
    await alice.conversations.getByText("unknown").click();
    await alice.message("unknown").waitFor();
    expect((await alice.texts()).toSorted()).toEqual(["known", "unknown"]);
  });

  it("are sent and shown the same whatever the clock of the machine says", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), visitor("bob")]);
    await alice.page.clock.setFixedTime(Date.now() - 86_400_000);
    await bob.page.clock.setFixedTime(Date.now() + 86_400_000);
    await alice.page.reload();
    await bob.page.reload();
    await alice.talkTo(bob.username);
    await alice.sendForSure("from yesterday");
    await bob.conversations.getByText("from yesterday").click();
    await bob.message("from yesterday").waitFor();
    await bob.sendForSure("from tomorrow");
    await alice.message("from tomorrow").waitFor();
    await alice.sendForSure("and back");
    await bob.message("and back").waitFor();
    const texts = ["from yesterday", "from tomorrow", "and back"];
    expect(await alice.texts()).toEqual(texts);
    expect(await bob.texts()).toEqual(texts);
  });
});
