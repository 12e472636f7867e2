import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failed, setBroken, withBreakableStorage } from "../support/page/broken-storage.ts";
import { usePage } from "../support/page/fixture.ts";
import { seedHistory } from "../support/page/history.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { newContents } from "../support/receiving.ts";
import { seedUser } from "../support/shared/index.ts";
import { opensFast } from "./support/opening.ts";
import { isAtBottom, keepsItsPlace, placeOf, readOlder, staysSmooth } from "./support/scrolling.ts";

/** Keeps a user's storage busy, as another tab does that brings it to a new form. @returns what lets it go, as it was */
async function occupyStorage({ context, url }: Visitor, userId: string): Promise<() => Promise<void>> {
  const page = await context.newPage();
  await page.goto(`${url}/manifest.webmanifest`);
  await page.evaluate((id) => {
    const request = indexedDB.open(`gotalk-${id}`);
    return new Promise<void>((resolve) => {
      request.onupgradeneeded = () => {
        const store = request.result.createObjectStore("work");
        const goOn = (): void => {
          if (Reflect.get(globalThis, "isDone")) request.transaction?.abort();
          else store.count().onsuccess = goOn;
        };
        goOn();
        resolve();
      };
    });
  }, userId);
  return () => page.evaluate(() => void Reflect.set(globalThis, "isDone", true));
}

/** Counts what the page does for each row: to write a time, and to ask where an element is. */
function countWork(): void {
  const work = { times: 0, places: 0 };
  Reflect.set(globalThis, "work", work);
  const format = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, "format")?.get;
  Object.defineProperty(Intl.DateTimeFormat.prototype, "format", {
    get(this: Intl.DateTimeFormat) {
      work.times++;
      return format?.call(this);
    },
  });
  const place = Element.prototype.getBoundingClientRect;
  Element.prototype.getBoundingClientRect = function () {
    work.places++;
    return place.call(this);
  };
}

describe("reading", () => {
  const page = usePage();
  const { visitor, stranger, client } = page;

  it("goes on at the bottom of a conversation that fits on the screen, though it was opened at what was unread", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    for (let number = 1; number <= 7; number++) await bob.send({ to: id, content: `number ${number}` });
    await alice.conversations.getByText("7 unread").waitFor();
    await alice.conversations.getByRole("button").click();
    await alice.message("number 7").waitFor();
    await eventually(async () => expect(await alice.page.title()).toBe("goTalk"));
    await bob.send({ to: id, content: "tall\n".repeat(100) });
    await alice.message("tall").waitFor();
    const below = () => alice.log.evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop);
    await eventually(async () => expect(await below()).toBeLessThan(2));
    await eventually(async () => expect(await alice.page.title()).toBe("goTalk"));
  });

  it("stays at the bottom if it is there, else where it is, with a button for what is new", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await seedHistory(alice, bob, 100);
    const { id } = await bob.find(alice.username);
    expect(await isAtBottom(alice)).toBe(true);
    await bob.send({ to: id, content: "pushes the others up" });
    await alice.message("pushes the others up").waitFor();
    expect(await isAtBottom(alice)).toBe(true);
    await eventually(async () => expect(await alice.page.title()).toBe("goTalk"));

    await alice.log.evaluate((element) => element.scrollBy(0, -900));
    await alice.button(/Newest messages/).waitFor();
    const place = await placeOf(alice);
    await bob.send({ to: id, content: "waits below" });
    await alice.button(/1 new message/).waitFor();
    expect(await placeOf(alice)).toEqual(place);
    await eventually(async () => expect(await alice.page.title()).toBe("(1) goTalk"));
    await alice.button(/1 new message/).click();
    await alice.message("waits below").waitFor();
    await eventually(async () => expect(await isAtBottom(alice)).toBe(true));
    await eventually(async () => expect(await alice.page.title()).toBe("goTalk"));
  });

  it("costs the page the message that has come, not all that are there once more", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await seedHistory(alice, bob, 100);
    const { id } = await bob.find(alice.username);
    await alice.page.evaluate(countWork);
    await bob.send({ to: id, content: "a new one" });
    await alice.message("a new one").waitFor();
    await eventually(async () => expect(await isAtBottom(alice)).toBe(true));
    await alice.sendForSure("my own");
    const { times, places } = await alice.page.evaluate(
      () => Reflect.get(globalThis, "work") as { times: number; places: number },
    );
    expect(times).toBeGreaterThan(0);
    expect(times).toBeLessThan(50);
    // At the bottom nothing else is to be kept in its place.
    expect(places).toBe(0);
  });

  it("counts what is unread, and draws a line before it", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, content: "read" });
    await alice.conversations.getByRole("button", { name: /bob/ }).click();
    await alice.message("read").waitFor();
    await alice.talkTo(carol.session?.username ?? "");
    for (const content of ["unread 1", "unread 2"]) await bob.send({ to: id, content });
    await alice.conversations.getByText("2 unread").waitFor();
    await eventually(async () => expect(await alice.page.title()).toBe("(2) goTalk"));
    await alice.conversations.getByRole("button", { name: /bob/ }).click();
    await alice.log.getByText("New", { exact: true }).waitFor();
    const below = await alice.log
      .locator(".row")
      .filter({ has: alice.page.locator(".divider") })
      .textContent();
    expect(below).toContain("unread 1");
    await alice.conversations.getByText("unread", { exact: true }).waitFor({ state: "detached" });
    await eventually(async () => expect(await alice.page.title()).toBe("goTalk"));
  });

  it("is not done while another conversation is about to begin in its place", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.to.fill("somebody else");
    await bob.send({ to: id, content: "urgent" });
    await alice.conversations.getByText("urgent").waitFor();
    await bob.send({ to: id, content: "and more" });
    await alice.conversations.getByText("2 unread").waitFor();
    await eventually(async () => expect(await alice.page.title()).toBe("(2) goTalk"));
    await alice.to.fill("");
    await alice.message("and more").waitFor();
    await alice.log.getByText("New", { exact: true }).waitFor();
    await alice.conversations.getByText("unread", { exact: true }).waitFor({ state: "detached" });
    await eventually(async () => expect(await alice.page.title()).toBe("goTalk"));
  });

  // Of more messages in history-many.long.test.ts.
  it("keeps its place while 200 messages arrive and while older ones load, and loses none of them", () =>
    keepsItsPlace(page, 200));

  it("of 1,000 messages stays smooth: no task of the page takes more than 100 ms", () => staysSmooth(page, 1_000));

  it("of 2,000 messages with 400 edits and reactions opens in 200 ms of the processor, and is deleted in short tasks", () =>
    opensFast(page, 2_000));

  it("goes from the newest message to the oldest and back, each one in its place", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await seedHistory(alice, bob, 400);
    const seen = new Set(await alice.texts());
    while (!seen.has("old 0")) {
      await readOlder(alice);
      for (const text of await alice.texts()) seen.add(text);
    }
    expect(seen.size).toBe(400);
    await alice.log.evaluate((element) => {
      element.scrollTop = 0;
    });
    expect(await alice.log.getByText("Loading older messages").count()).toBe(0);
    await eventually(async () => {
      await alice.log.evaluate((element) => {
        element.scrollTop = element.scrollHeight;
      });
      expect((await alice.texts()).at(-1)).toBe("old 399");
    });
    const texts = await alice.texts();
    expect(texts).toEqual(Array.from({ length: texts.length }, (_, index) => `old ${400 - texts.length + index}`));
  });

  it("jumps to the newest message without a hole, though older ones were being loaded at that moment", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await seedHistory(alice, bob, 600);
    while ((await alice.texts()).includes("old 599")) await readOlder(alice);
    const newest = await alice.button("Newest messages").elementHandle();
    await alice.log.evaluate((log, button) => {
      log.scrollTop = 0;
      (button as HTMLElement).click();
      // As it comes when the reader is still scrolling.
      log.dispatchEvent(new Event("scroll"));
    }, newest);
    await alice.message("old 599").waitFor();
    await readOlder(alice);
    const texts = await alice.texts();
    expect(texts).toEqual(Array.from({ length: texts.length }, (_, index) => `old ${600 - texts.length + index}`));
  });

  it("goes on far up when the end cannot be read, and what was sent from there goes out once", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withBreakableStorage }), client("bob")]);
    await seedHistory(alice, bob, 400);
    while ((await alice.texts()).includes("old 399")) await readOlder(alice);
    await setBroken(alice, true);
    await alice.send("Only once");
    await failed(alice);
    await setBroken(alice, false);
    await alice.conversations.getByText("Only once").waitFor();
    expect(await alice.box.inputValue()).toBe("");
    expect(await alice.page.getByRole("alert").count()).toBe(0);
    await alice.button("Newest messages").click();
    await alice.message("Only once").getByText("Sent", { exact: true }).waitFor();
    expect(await newContents(bob)).toEqual(["Only once"]);
  });

  it("separates days, and tells times in the reader's own way, in full on hover", async () => {
    const options = { locale: "de-DE", timezoneId: "Europe/Berlin" };
    const [alice, bob] = await Promise.all([visitor("alice", options), client("bob")]);
    // Noon in Berlin, so that the last message is of the day that it is on the page, whenever this runs.
    const noon = Date.parse(`${new Date().toISOString().slice(0, 10)}T11:30:00Z`);
    await alice.page.clock.setFixedTime(noon);
    await seedHistory(alice, bob, 3 * 1_440, noon);
    await alice.log.getByRole("heading", { name: "Heute" }).waitFor();
    const time = alice.message("old 4319").getByRole("time");
    const iso = (await time.getAttribute("datetime")) ?? "";
    expect(iso).toMatch(/Z$/);
    const zone = { timeZone: "Europe/Berlin" };
    expect(await time.textContent()).toBe(new Date(iso).toLocaleTimeString("de-DE", { ...zone, timeStyle: "short" }));
    expect(await time.getAttribute("title")).toBe(
      new Date(iso).toLocaleString("de-DE", { ...zone, dateStyle: "full", timeStyle: "medium" }),
    );
  });

  it("tells the days anew at midnight, and the times in another time zone, with nothing else happening", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { locale: "en-GB", before: (context) => context.clock.install() }),
      client("bob"),
    ]);
    const devtools = await alice.context.newCDPSession(alice.page);
    const carryTo = async (timezoneId: string): Promise<void> => {
      await devtools.send("Emulation.setTimezoneOverride", { timezoneId });
      await alice.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    };
    await carryTo("UTC");
    await bob.send({ to: (await bob.find(alice.username)).id, content: "On this day" });
    await alice.conversations.getByRole("button").click();
    const time = alice.message("On this day").getByRole("time");
    const sentAt = new Date((await time.getAttribute("datetime")) ?? "");
    const at = (hour: number, minute: number) => new Date(sentAt).setUTCHours(hour, minute, 0, 0);
    await alice.page.clock.setSystemTime(at(23, 58));
    await alice.log.getByRole("heading", { name: "Today" }).waitFor();
    await alice.page.clock.setSystemTime(at(24, 1));
    await alice.page.clock.fastForward(60_000);
    await alice.log.getByRole("heading", { name: "Yesterday" }).waitFor();
    const line = alice.conversations.getByRole("time");
    const day = sentAt.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
    await eventually(async () => expect(await line.textContent()).toBe(day));
    await carryTo("Asia/Tokyo");
    const inTokyo = sentAt.toLocaleTimeString("en-GB", { timeStyle: "short", timeZone: "Asia/Tokyo" });
    await eventually(async () => expect(await time.textContent()).toBe(inTokyo));
  });

  it("is told apart while it is opened and when there is nothing, and says what to do", async () => {
    const [alice, bob] = await Promise.all([stranger("alice"), client("bob")]);
    const userId = await seedUser(alice);
    const letGo = await occupyStorage(alice, userId);
    await alice.page.goto(alice.url);
    await alice.fillIn();
    await alice.button("Log in").click();
    await alice.page.getByText("Opening your messages…").waitFor();
    expect(await alice.page.getByText("No conversations yet.").count()).toBe(0);
    await letGo();
    await alice.page.getByText("No conversations yet.").waitFor();
    await alice.page.getByText("Write somebody’s username above").waitFor();
    await alice.page.getByText("Choose a conversation").waitFor();
    await alice.talkTo(bob.session?.username ?? "");
    await alice.log.getByText("Say hello.").waitFor();
  });
});
