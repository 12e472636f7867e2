import { statSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folders.ts";
import { usePage } from "../support/page/fixture.ts";
import { giveUp } from "../support/page/give-up.ts";
import { refuse } from "../support/page/refuse.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { newContents, receives } from "../support/receiving.ts";
import { takeAll } from "../support/taking.ts";
import { storedDrafts } from "./support/drafts.ts";
import { holdLookups } from "./support/lookups.ts";

/** Where something is on the page, in pixels. */
async function placeOf(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  await locator.waitFor();
  const box = await locator.boundingBox();
  if (box === null) throw new Error("It is not to be seen.");
  return box;
}

/** Keeps the drafts of a user busy, as a slow disk does: what is written to them waits. @returns what lets them go */
async function occupyDrafts({ context, url }: Visitor, userId: string): Promise<() => Promise<void>> {
  const page = await context.newPage();
  await page.goto(`${url}/manifest.webmanifest`);
  await page.evaluate(async (id) => {
    const request = indexedDB.open(`gotalk-${id}`);
    await new Promise((resolve) => {
      request.onsuccess = resolve;
    });
    const store = request.result.transaction("drafts", "readwrite").objectStore("drafts");
    await new Promise((begun) => {
      const goOn = (): void => {
        begun(undefined);
        if (Reflect.get(globalThis, "isDone")) request.result.close();
        else store.count().onsuccess = goOn;
      };
      store.count().onsuccess = goOn;
    });
  }, userId);
  return () => page.evaluate(() => void Reflect.set(globalThis, "isDone", true));
}

describe("people", () => {
  const { visitor, stranger, client } = usePage();

  it("who are unknown are named as such, and what was written to them is kept", async () => {
    const alice = await visitor("alice");
    await alice.to.fill("nobody-at-all");
    await alice.to.press("Enter");
    await alice.page.getByRole("alert").filter({ hasText: "There is no user called “nobody-at-all”." }).waitFor();
    await alice.page.getByRole("heading", { name: "No user called nobody-at-all" }).waitFor();
    expect(await alice.page.getByText("Press Enter after the name").count()).toBe(0);
    await alice.send("To nobody");
    await alice.page
      .locator("form.composer")
      .getByRole("alert")
      .filter({ hasText: "There is no user called" })
      .waitFor();
    expect(await alice.box.inputValue()).toBe("To nobody");
    await alice.page.reload();
    await eventually(async () => expect(await alice.to.inputValue()).toBe("nobody-at-all"));
    await eventually(async () => expect(await alice.box.inputValue()).toBe("To nobody"));
  });

  it("find their own name and id to copy", async () => {
    const alice = await visitor("alice", { permissions: ["clipboard-read", "clipboard-write"] });
    const { session } = await alice.elsewhere();
    await alice.button(/Account/).click();
    for (const [name, value] of [
      ["Copy username", alice.username],
      ["Copy id", session?.id],
    ] as const) {
      await alice.button(name).click();
      await eventually(async () => expect(await alice.page.evaluate(() => navigator.clipboard.readText())).toBe(value));
    }
  });

  it("are told what is wrong when they cannot register or log in", async () => {
    const bob = await client("bob");
    const alice = await stranger("alice");
    await alice.page.goto(alice.url);
    await alice.fillIn();
    await alice.button("Log in").click();
    await alice.page.getByRole("alert").filter({ hasText: "The username or the password is wrong." }).waitFor();
    await alice.page.getByRole("textbox", { name: "Username" }).fill(bob.session?.username ?? "");
    await alice.button("Register").click();
    await alice.page.getByRole("alert").filter({ hasText: "This username is taken." }).waitFor();
    await refuse(alice.page, "/login", { status: 429, code: "too_many_attempts", retryAfter: 540 });
    await alice.button("Log in").click();
    await alice.page.getByRole("alert").filter({ hasText: "Too many attempts. Try again in 9 min." }).waitFor();
  });

  it("are told that they are registered when only the login failed, and Register then logs in", async () => {
    const alice = await stranger("Alice");
    await alice.page.goto(alice.url);
    await refuse(alice.page, "/login", { status: 429, code: "too_many_attempts", retryAfter: 540 });
    const alert = alice.page.getByRole("alert");
    await alice.fillIn();
    await alice.button("Register").click();
    await alert
      .filter({ hasText: "You are registered, but not logged in yet. Too many attempts. Try again" })
      .waitFor();
    await alice.page.unroute("**/login");
    await alice.page.route("**/login", (route) => route.abort("connectionrefused"));
    await giveUp(alice, "/login", () => alice.button("Register").click());
    await alert.filter({ hasText: "but not logged in yet. The server cannot be reached." }).waitFor();
    await alice.page.unroute("**/login");
    // A name that somebody else has is taken all the same.
    const bob = await client("bob");
    const name = alice.page.getByRole("textbox", { name: "Username" });
    await name.fill(bob.session?.username ?? "");
    await alice.button("Register").click();
    await alert.filter({ hasText: /^This username is taken\./ }).waitFor();
    await name.fill(alice.username);
    await alice.button("Register").click();
    await alice.connected();
  });

  it("write with Enter, with new lines by Shift+Enter, and compose without either", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.box.pressSequentially("one");
    await alice.box.press("Shift+Enter");
    await alice.box.pressSequentially("two");
    expect(await alice.box.inputValue()).toBe("one\ntwo");
    // The Enter that ends the composition of a word in an input method.
    await alice.box.dispatchEvent("keydown", { key: "Enter", isComposing: true });
    await alice.box.dispatchEvent("keydown", { key: "Enter", keyCode: 229 });
    expect(await alice.box.inputValue()).toBe("one\ntwo");
    await alice.box.press("Enter");
    await alice.message("one").getByText("Sent", { exact: true }).waitFor();
    expect(await alice.texts()).toEqual(["one\ntwo"]);
    expect(await alice.box.inputValue()).toBe("");
  });

  it("make new lines with Enter on a touch screen, where the button sends, and Ctrl+Enter", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true }),
      client("bob"),
    ]);
    await alice.talkTo(bob.session?.username ?? "");
    expect(await alice.box.getAttribute("enterkeyhint")).toBe("enter");
    await alice.box.pressSequentially("one");
    await alice.box.press("Enter");
    await alice.box.pressSequentially("two");
    await alice.button("Send").click();
    await alice.message("one").getByText("Sent", { exact: true }).waitFor();
    await alice.box.fill("three");
    await alice.box.press("Control+Enter");
    await alice.message("three").getByText("Sent", { exact: true }).waitFor();
    expect(await alice.texts()).toEqual(["one\ntwo", "three"]);
  });

  it("paste no more than the box takes, are told so, and lose nothing of what they have typed", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { permissions: ["clipboard-read", "clipboard-write"] }),
      client("bob"),
    ]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.box.pressSequentially("Typed");
    const paste = async (count: number) => {
      await alice.page.evaluate((units) => navigator.clipboard.writeText("é".repeat(units)), count);
      await alice.box.press("ControlOrMeta+v");
    };
    await paste(5_000_000);
    const notice = alice.page.getByRole("alert").filter({ hasText: "This text has 5,000,000 characters." });
    await notice.waitFor();
    expect(await alice.box.inputValue()).toBe("Typed");
    await alice.box.press("x");
    await notice.waitFor({ state: "detached" });
    expect(await alice.box.inputValue()).toBe("Typedx");
    // What is too long for a message and not for the box can be shortened in it.
    await paste(20_000);
    await alice.page.getByText("Too long by").waitFor();
    // A browser that does not ask before.
    await alice.box.fill("y".repeat(1_000_000));
    await alice.page.getByRole("alert").filter({ hasText: "so nothing was inserted" }).waitFor();
    expect(await alice.box.inputValue()).toBe(`Typedx${"é".repeat(20_000)}`);
    await alice.to.fill("n".repeat(1_000_000));
    await alice.page
      .getByRole("alert")
      .filter({ hasText: "A username has at most 32 characters, the name of a group at most 64." })
      .waitFor();
    expect(await alice.to.inputValue()).toBe("");
  });

  it("see the beginning of a draft that an older version has stored at any length, and get all of it as a file", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.page.evaluate(
      async ([userId, peerId]) => {
        const request = indexedDB.open(`gotalk-${userId}`);
        await new Promise((resolve) => {
          request.onsuccess = resolve;
        });
        const transaction = request.result.transaction("drafts", "readwrite");
        transaction.objectStore("drafts").put({ peerId, text: "z".repeat(5_000_000) });
        await new Promise((resolve) => {
          transaction.oncomplete = resolve;
        });
        request.result.close();
      },
      [(await bob.find(alice.username)).id, bob.session?.id] as const,
    );
    await alice.page.reload();
    await alice.page.getByText("This draft has 5,000,000 characters").waitFor();
    expect((await alice.box.inputValue()).length).toBe(32_768);
    const coming = alice.page.waitForEvent("download");
    await alice.button("Save the whole draft as a file").click();
    const file = join(temporaryFolder(), "draft.txt");
    await (await coming).saveAs(file);
    expect(statSync(file).size).toBe(5_000_000);
  });

  it("see how much room is left near the limit, counted in bytes, and lose nothing beyond it", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.box.fill("é".repeat(7_000));
    expect(await alice.page.getByText("Room for").count()).toBe(0);
    await alice.box.fill("é".repeat(8_000));
    await alice.page.getByText("Room for 384 more bytes").waitFor();
    await alice.box.fill("é".repeat(8_193));
    await alice.page.getByText("Too long by 2 bytes").waitFor();
    await alice.box.press("Enter");
    expect(await alice.button("Send").isDisabled()).toBe(true);
    expect((await alice.box.inputValue()).length).toBe(8_193);
    await alice.sendForSure("é".repeat(8_192));
    expect((await takeAll(bob))[0]?.content).toBe("é".repeat(8_192));
  });

  it("get each conversation's draft back, also after a reload right after the last key", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.box.fill("for bob");
    await alice.talkTo(carol.session?.username ?? "");
    expect(await alice.box.inputValue()).toBe("");
    await alice.box.pressSequentially("for carol");
    await alice.page.reload();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("for carol"));
    await alice.conversations.getByRole("button", { name: /bob/ }).click();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("for bob"));
  });

  it("get a draft back that was not stored yet when they reloaded, since the storage was busy", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.box.pressSequentially("Stored");
    const letGo = await occupyDrafts(alice, (await bob.find(alice.username)).id);
    await alice.box.pressSequentially(", and not yet");
    await alice.page.reload();
    await letGo();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("Stored, and not yet"));
    await alice.page.reload();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("Stored, and not yet"));
  });

  it("lose no message that they sent while the storage was busy, nor what they typed then", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { keyboard } = alice.page;
    await alice.talkTo(bob.session?.username ?? "");
    await alice.box.pressSequentially("Precious words");
    await eventually(async () => expect(await storedDrafts(alice)).toEqual(["Precious words"]));
    const letGo = await occupyDrafts(alice, (await bob.find(alice.username)).id);
    await keyboard.press("Enter");
    await keyboard.type("and more");
    await keyboard.press("Enter");
    await keyboard.type("x");
    await alice.page.reload();
    await letGo();
    for (const text of ["Precious words", "and more"])
      await alice.message(text).getByText("Sent", { exact: true }).waitFor();
    expect(await alice.firstTexts(2)).toEqual(["Precious words", "and more"]);
    await eventually(async () => expect(await alice.box.inputValue()).toBe("x"));
    await alice.page.reload();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("x"));
    expect(await alice.firstTexts(2)).toEqual(["Precious words", "and more"]);
    expect(await newContents(bob)).toEqual(["Precious words", "and more"]);
  });

  it("lose no first message that they sent while the storage was busy, nor what they typed then", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { answer } = await holdLookups(alice);
    await alice.to.fill(bob.session?.username ?? "");
    await alice.send("First");
    await eventually(async () => expect(await storedDrafts(alice)).toEqual(["First"]));
    const letGo = await occupyDrafts(alice, (await bob.find(alice.username)).id);
    const isKnown = alice.page.waitForResponse("**/users/*");
    answer();
    await isKnown;
    await alice.box.press("x");
    await alice.page.reload();
    await letGo();
    // It may have come into the outbox, or be a draft still. It is in one of them, once.
    const sent: string[] = [];
    await eventually(async () => {
      sent.push(...(await newContents(bob)));
      expect([...sent, ...(await storedDrafts(alice))].join("")).toBe("Firstx");
    });
  });

  it("write on while the receiver is looked up, and the first message only is sent", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { keyboard } = alice.page;
    const { answer } = await holdLookups(alice);
    await alice.to.fill(bob.session?.username ?? "");
    await alice.send("First");
    await keyboard.type("Second");
    // It stays in the box: the first one is not sent yet.
    await keyboard.press("Enter");
    answer();
    await alice.message("First").getByText("Sent", { exact: true }).waitFor();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("Second"));
    await keyboard.type(" and third");
    expect(await alice.box.inputValue()).toBe("Second and third");
    await alice.page.reload();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("Second and third"));
    expect(await alice.firstTexts(1)).toEqual(["First"]);
    expect(await newContents(bob)).toEqual(["First"]);
  });

  it("write on without a gap while one box takes the place of another", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { answer } = await holdLookups(alice);
    const numbers = Array.from({ length: 300 }, (_, index) => `${index} `).join("");
    await alice.to.fill(bob.session?.username ?? "");
    await alice.send("First");
    const typing = alice.page.keyboard.type(numbers);
    answer();
    await Promise.all([typing, alice.message("First").getByText("Sent", { exact: true }).waitFor()]);
    await eventually(async () => expect(await alice.box.inputValue()).toBe(numbers));
    await alice.page.reload();
    await eventually(async () => expect(await alice.box.inputValue()).toBe(numbers));
  });

  it("stay in the conversation that they have gone to while the receiver is looked up", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    const { keyboard } = alice.page;
    const name = bob.session?.username ?? "";
    await alice.talkTo(carol.session?.username ?? "");
    const { answer } = await holdLookups(alice);
    await alice.to.fill(name);
    await alice.send("For Bob");
    await keyboard.type("Also for Bob");
    await alice.conversations.getByRole("button", { name: /carol/ }).click();
    await alice.box.press("a");
    answer();
    // It is sent all the same, and what was written after it is the draft to the same person.
    await alice.conversations.getByRole("button", { name }).getByText("For Bob").waitFor();
    await keyboard.type("nd this is for Carol");
    await keyboard.press("Enter");
    await alice.message("and this is for Carol").getByText("Sent", { exact: true }).waitFor();
    expect(await newContents(carol)).toEqual(["and this is for Carol"]);
    await alice.conversations.getByRole("button", { name }).click();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("Also for Bob"));
    await receives(bob, "For Bob");
  });

  it("keep what they have begun under another name while the receiver is looked up", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    const { keyboard } = alice.page;
    const name = bob.session?.username ?? "";
    const { answer } = await holdLookups(alice);
    await alice.to.fill(name);
    await alice.send("For Bob");
    await keyboard.type("For Carol");
    await alice.to.fill("carol");
    answer();
    await alice.conversations.getByRole("button", { name }).getByText("For Bob").waitFor();
    await keyboard.type((carol.session?.username ?? "").slice("carol".length));
    expect(await alice.to.inputValue()).toBe(carol.session?.username);
    expect(await alice.box.inputValue()).toBe("For Carol");
    await alice.page.reload();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("For Carol"));
    await alice.box.press("Enter");
    await alice.message("For Carol").getByText("Sent", { exact: true }).waitFor();
    expect(await newContents(carol)).toEqual(["For Carol"]);
    await receives(bob, "For Bob");
  });

  it("get all of it back when the lookup fails, or is cut short by a reload", async () => {
    const alice = await visitor("alice");
    const { answer } = await holdLookups(alice);
    await alice.to.fill("nobody-at-all");
    await alice.send("First");
    await alice.page.keyboard.type(", second");
    await alice.page.reload();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("First, second"));
    await alice.box.press("Enter");
    await alice.page.keyboard.type(", third");
    answer();
    await alice.page.getByRole("alert").filter({ hasText: "There is no user called" }).waitFor();
    expect(await alice.box.inputValue()).toBe("First, second, third");
    await alice.page.reload();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("First, second, third"));
  });

  it("find the draft to somebody they know as they left it, though they begin anew under To", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const name = bob.session?.username ?? "";
    await alice.talkTo(name);
    await alice.box.fill("The draft");
    await alice.to.fill(name);
    await alice.box.fill("Written anew");
    await alice.box.press("Enter");
    await alice.message("Written anew").getByText("Sent", { exact: true }).waitFor();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("The draft"));
    await alice.to.fill(name);
    await alice.box.fill("More of it");
    await alice.to.press("Enter");
    await eventually(async () => expect(await alice.box.inputValue()).toBe("The draft\nMore of it"));
    await alice.page.reload();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("The draft\nMore of it"));
  });

  it("can do all of it by the keyboard, with the focus to be seen, and unmoved by what arrives", async () => {
    const bob = await client("bob");
    const alice = await stranger("alice");
    const { page } = alice;
    const { keyboard } = page;
    const focused = () =>
      page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.id);
    const tabTo = async (name: string): Promise<void> => {
      for (let presses = 0; (await focused()) !== name; presses++) {
        expect(presses).toBeLessThan(20);
        await keyboard.press("Tab");
        const outline = await page.evaluate(
          () => getComputedStyle(document.activeElement ?? document.body).outlineStyle,
        );
        expect(outline).toBe("solid");
      }
    };
    await page.goto(alice.url);
    await alice.page.getByRole("textbox", { name: "Username" }).and(page.locator(":focus")).waitFor();
    await keyboard.type(alice.username);
    await keyboard.press("Tab");
    await keyboard.type(alice.password);
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await alice.connected();
    await tabTo("recipient");
    await keyboard.type(bob.session?.username ?? "");
    await keyboard.press("Enter");
    await alice.log.waitFor();
    await eventually(async () => expect(await focused()).toBe("Message"));
    await keyboard.type("By hand");
    await keyboard.press("Tab");
    expect(await focused()).toBe("Send");
    await keyboard.press("Enter");
    await alice.message("By hand").getByText("Sent", { exact: true }).waitFor();
    await alice.button("Attach").waitFor();
    await keyboard.press("Shift+Tab");
    expect(await focused()).toBe("Attach");
    await keyboard.press("Shift+Tab");
    expect(await focused()).toBe("Messages");
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Do not look up" });
    await alice.message("Do not look up").waitFor();
    expect(await focused()).toBe("Messages");
  });

  it("keep the focus when the button goes that they have pressed for a message", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    let isRefused = true;
    await refuse(alice.page, "/send", { status: 403, code: "forbidden" }, () => isRefused);
    for (const text of ["one", "two", "three", "four"]) {
      await alice.send(text);
      await alice.message(text).getByText("Failed").waitFor();
    }
    const focused = () => alice.page.evaluate(() => document.activeElement?.ariaLabel);
    await alice.button("Delete").first().press("Enter");
    await alice.message("one").waitFor({ state: "detached" });
    expect(await focused()).toBe("Messages");
    isRefused = false;
    await alice.button("Retry").first().press("Enter");
    await alice.message("two").getByText("Sent", { exact: true }).waitFor();
    expect(await focused()).toBe("Messages");
    await alice.button("Retry all").press("Enter");
    await alice.message("four").getByText("Sent", { exact: true }).waitFor();
    expect(await focused()).toBe("Messages");
  });

  it("hear of new messages, not of history", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, content: "history" });
    await alice.conversations.getByText("history").waitFor();
    await alice.page.evaluate(() => {
      const heard: string[] = [];
      Reflect.set(globalThis, "heard", heard);
      // What a screen reader would be told: nodes that come into a live region.
      new MutationObserver((changes) => {
        const live = changes.filter(
          ({ target }) => target instanceof Element && target.closest("[role=log]:not([aria-live=off])"),
        );
        heard.push(...live.flatMap(({ addedNodes }) => [...addedNodes].map(({ textContent }) => textContent ?? "")));
      }).observe(document.body, { childList: true, subtree: true });
    });
    await alice.conversations.getByText("history").click();
    await alice.message("history").waitFor();
    await eventually(async () => expect(await alice.log.getAttribute("aria-live")).toBe("polite"));
    await bob.send({ to: id, content: "news" });
    await alice.message("news").waitFor();
    const heard = await alice.page.evaluate(() => Reflect.get(globalThis, "heard") as string[]);
    expect(heard.join()).toContain("news");
    expect(heard.join()).not.toContain("history");
  });

  it("choose a theme, which is kept, and less motion", async () => {
    const alice = await visitor("alice", { colorScheme: "light" });
    const ground = () => alice.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await alice.page.emulateMedia({ colorScheme: "dark" });
    const dark = await ground();
    expect(dark).not.toBe(light);
    await alice.button(/Account/).click();
    await alice.page.getByRole("radio", { name: "Light" }).check();
    expect(await ground()).toBe(light);
    await alice.page.reload();
    expect(await ground()).toBe(light);
    await alice.page.emulateMedia({ reducedMotion: "reduce" });
    const transition = await alice.button("Log out").evaluate((button) => getComputedStyle(button).transitionDuration);
    expect(transition).toBe("0s");
  });

  it("find nothing under a phone's notch or its home bar", async () => {
    const viewport = { width: 390, height: 700 };
    const [alice, bob] = await Promise.all([visitor("alice", { viewport }), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    const devtools = await alice.context.newCDPSession(alice.page);
    await devtools.send("Emulation.setSafeAreaInsetsOverride", { insets: { top: 50, bottom: 34 } });
    const edges = () =>
      alice.page.evaluate(() => ({
        top: document.querySelector(".top-bar")?.getBoundingClientRect().top,
        bottom: document.querySelector(".composer")?.getBoundingClientRect().bottom,
      }));
    await eventually(async () => expect(await edges()).toEqual({ top: 50, bottom: 700 - 34 }));
  });

  it("have all of it on the screen, however low, and nothing to scroll but what is in it", async () => {
    const viewport = { width: 390, height: 700 };
    const [alice, bob] = await Promise.all([visitor("alice", { viewport }), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    for (const line of Array.from({ length: 12 }, (_, index) => `line ${index}`)) await alice.sendForSure(line);
    for (const height of [700, 480, 320]) {
      await alice.page.setViewportSize({ width: 390, height });
      const { y, height: own } = await placeOf(alice.page.locator(".composer"));
      expect(y + own).toBe(height);
      expect(await alice.page.evaluate(() => document.documentElement.scrollHeight)).toBe(height);
      expect(await alice.log.evaluate((log) => log.scrollHeight > log.clientHeight)).toBe(true);
      expect((await placeOf(alice.log)).height).toBeGreaterThan(80);
    }
    await alice.button("Log out").click();
    await alice.page.setViewportSize({ width: 390, height: 200 });
    await alice.button("Register").scrollIntoViewIfNeeded();
    const { y, height: own } = await placeOf(alice.button("Register"));
    expect(y + own).toBeLessThanOrEqual(200);
  });

  it("can use it on a screen 320 pixels wide", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true }),
      client("bob"),
    ]);
    const overflow = () => alice.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await overflow()).toBe(0);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.box.fill(`Long: ${"unbroken".repeat(100)}`);
    await alice.button("Send").click();
    await alice.message("Long").getByText("Sent", { exact: true }).waitFor();
    expect(await overflow()).toBe(0);
    expect(await alice.conversations.isVisible()).toBe(false);
    await alice.button("Back").click();
    await alice.conversations.getByRole("button").click();
    await alice.page.goBack();
    await alice.conversations.getByRole("button").waitFor();
    await alice.page.route("**/sync", (route) => route.abort("connectionrefused"));
    await alice.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    const [retry, account] = [await placeOf(alice.button("Retry now")), await placeOf(alice.button(/Account/))];
    // Nothing lies over it.
    expect(retry.y >= account.y + account.height || retry.x + retry.width <= account.x).toBe(true);
    expect(await overflow()).toBe(0);
  });
});
