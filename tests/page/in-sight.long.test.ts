import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import { refuse } from "../support/page/refuse.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { friendOf } from "./support/friends.ts";
import { dialogOf, makeGroup, membersIn, nameOf, openInfo } from "./support/groups.ts";
import { chooseForLine, chooseInMenu } from "./support/menu.ts";

const NARROW = { width: 320, height: 640 };
const WIDE = { width: 1_000, height: 640 };
const TOUCH = { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true };

/** The box of something, in pixels of the window. */
async function boxOf(locator: Locator): Promise<{ top: number; bottom: number; left: number; right: number }> {
  await locator.waitFor();
  return locator.evaluate((element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect();
    return { top, bottom, left, right };
  });
}

/** How many lines a text takes. */
const linesOf = (locator: Locator): Promise<number> =>
  locator.evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
  });

/** The pixels of a dialog that are cut off at its sides, and of its heading. */
const cutOf = (dialog: Locator): Promise<readonly number[]> =>
  dialog.evaluate((element) =>
    [element, ...element.querySelectorAll("h2")].map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth),
  );

/** Rests a finger on a message. */
async function rest({ context, page }: Visitor, message: Locator): Promise<void> {
  const { left, top } = await boxOf(message);
  const devtools = await context.newCDPSession(page);
  const touchPoints = [{ x: left + 20, y: top + 15 }];
  await devtools.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
  await page.locator(".actions-bar").waitFor();
  await devtools.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

describe("a dialog", () => {
  const { visitor, client } = usePage();

  it("of the open conversation is cut off nowhere, however long its name", async () => {
    const alice = await visitor("alice", { viewport: NARROW });
    const friend = await friendOf(alice, { client }, "a-person-with-a-long-na");
    const name = nameOf(friend.client);
    for (const [entry, title] of [
      ["Block", `Block ${name}?`],
      ["Delete conversation here", `Delete the conversation with ${name}?`],
    ] as const) {
      await chooseInMenu(alice, entry);
      const dialog = dialogOf(alice, title);
      await dialog.waitFor();
      expect(await cutOf(dialog)).toEqual([0, 0]);
      await alice.page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    }
  });

  it("of the list stays when the window becomes narrow, as when a phone is turned", async () => {
    const alice = await visitor("alice", { viewport: WIDE });
    const friend = await friendOf(alice, { client });
    const open = [
      ["New group", () => alice.button("New group").click()],
      [
        `Delete the conversation with ${nameOf(friend.client)}?`,
        () => chooseForLine(alice, nameOf(friend.client), "Delete conversation here"),
      ],
    ] as const;
    for (const [title, work] of open) {
      await alice.page.setViewportSize(WIDE);
      await work();
      const dialog = dialogOf(alice, title);
      await dialog.waitFor();
      await alice.page.setViewportSize(NARROW);
      await alice.button("Back").waitFor({ state: "attached" });
      expect(await dialog.isVisible()).toBe(true);
      await dialog.getByRole("button", { name: "Close" }).click();
      await dialog.waitFor({ state: "detached" });
      expect(await alice.page.locator(".sidebar").isVisible()).toBe(false);
      await alice.box.click();
    }
  });

  it("of a group keeps the focus where it is as the QR code opens, and shows all of the code", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { viewport: NARROW }), client("bob")]);
    await makeGroup(alice, "Tea", [nameOf(bob)]);
    const info = await openInfo(alice);
    await info.getByRole("button", { name: "Make an invite link" }).click();
    await info.getByRole("button", { name: "QR code" }).click();
    const code = info.getByRole("img", { name: "QR code of the invite link to Tea" });
    await eventually(async () => {
      const { top, bottom } = await boxOf(code);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(bottom).toBeLessThanOrEqual(NARROW.height);
    });
    expect(await alice.page.evaluate(() => document.activeElement?.textContent)).toBe("QR code");
  });

  it("of a group leaves room for long names, 320 pixels wide", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { viewport: NARROW }), client("a-person-with-a-long-na")]);
    const name = "The long name of a group whose members love tea";
    await makeGroup(alice, name, [nameOf(bob)]);
    const info = await openInfo(alice);
    expect(await linesOf(info.locator(".group-head strong"))).toBeLessThanOrEqual(3);
    expect(await linesOf(membersIn(info).locator("strong", { hasText: nameOf(bob) }))).toBeLessThanOrEqual(2);
    expect(await cutOf(info)).toEqual([0, 0]);
  });
});

describe("the actions of a message", () => {
  const { visitor, client } = usePage();

  it("are in sight also where the message is higher than the window", async () => {
    const alice = await visitor("alice");
    const friend = await friendOf(alice, { client });
    await friend.client.send({ to: friend.to, type: "text", content: `Tall\n${"line\n".repeat(150)}end` });
    const message = alice.message("Tall");
    await message.waitFor();
    const log = await boxOf(alice.log);
    const bar = alice.page.locator(".actions-bar");
    await alice.page.mouse.move((log.left + log.right) / 4 + log.left / 2, (log.top + log.bottom) / 2);
    await alice.log.focus();
    await alice.page.keyboard.press("Enter");
    for (const place of ["end", "start"] as const) {
      await message.evaluate((article, block) => article.scrollIntoView({ block }), place);
      await eventually(async () => {
        const { top, bottom } = await boxOf(bar);
        expect(top).toBeGreaterThanOrEqual(log.top);
        expect(bottom).toBeLessThanOrEqual(log.bottom);
      });
    }
    await bar.getByRole("button", { name: "Reply" }).click();
    await alice.page.locator(".reply-bar").getByText("Tall").waitFor();
  });

  it("go when a finger touches something else, and when a message is sent", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", TOUCH), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "Rest here" });
    await alice.conversations.getByText("Rest here").tap();
    const bar = alice.page.locator(".actions-bar");
    const message = alice.message("Rest here");
    await message.waitFor();
    const { left, right, top, bottom } = await boxOf(alice.log);
    await rest(alice, message);
    await bar.waitFor();
    await alice.page.touchscreen.tap((left + right) / 2, top + (bottom - top) / 3);
    await bar.waitFor({ state: "detached" });
    await rest(alice, message);
    await bar.waitFor();
    await alice.box.tap();
    await alice.box.fill("More");
    await alice.button("Send").tap();
    await alice.message("More").waitFor();
    await bar.waitFor({ state: "detached" });
    // What is chosen of them keeps them.
    await rest(alice, message);
    await bar.getByRole("button", { name: "React" }).tap();
    await bar.getByRole("button", { name: "👍" }).waitFor();
  });

  it("of one that has failed stand in one line below the reason", async () => {
    const alice = await visitor("alice", { viewport: { width: 1_280, height: 720 } });
    await friendOf(alice, { client });
    await refuse(alice.page, "/send", { status: 403, code: "blocked" });
    await alice.send("Refused");
    const trouble = alice.log.locator(".trouble");
    const reason = await boxOf(trouble.getByRole("alert"));
    const places = await Promise.all(
      ["Copy", "Retry", "Delete"].map((name) => boxOf(trouble.getByRole("button", { name }))),
    );
    expect(new Set(places.map(({ top }) => top)).size).toBe(1);
    expect(places[0]?.top).toBeGreaterThanOrEqual(reason.bottom);
  });
});
