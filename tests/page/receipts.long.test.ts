import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import { framesTo } from "../support/page/frames.ts";
import { show } from "../support/page/show.ts";
import { setHidden } from "../support/page/visibility.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { friendOf, lookAway, silence, twoFriends, write } from "./support/friends.ts";
import { chooseInMenu } from "./support/menu.ts";
import { storedRecords } from "./support/records.ts";

interface Receipt {
  readonly messageId: string;
  readonly type: string;
  readonly content: string;
}

/** The bodies of the receipts that a page sends from now on, by their types. */
function receiptsOf({ page }: Visitor): Receipt[] {
  const sent: Receipt[] = [];
  page.on("request", (request) => {
    if (!request.url().endsWith("/send")) return;
    const body = request.postDataJSON();
    if (body.type === "delivered" || body.type === "read") sent.push(body);
  });
  return sent;
}

/** Waits until the page has found what is to be told: it reads three things of its storage for that. */
async function hasLooked(visitor: Visitor): Promise<void> {
  for (let times = 0; times < 3; times++) await storedRecords(visitor, "messages");
}

/** How far a message of the reader has come, in the words for screen readers. */
const tickOf = async (visitor: Visitor, text: string): Promise<string | null> =>
  visitor.message(text).locator(".ticks .visually-hidden").last().textContent();

const becomes = (visitor: Visitor, text: string, tick: string): Promise<unknown> =>
  eventually(async () => expect(await tickOf(visitor, text)).toBe(tick));

/** How a page ends that may be stopped from then on. The last one leaves it hidden. */
const LEAVING: readonly (readonly [string, (visitor: Visitor) => Promise<void>])[] = [
  ["Before it is left", ({ page }) => page.evaluate(() => void dispatchEvent(new PageTransitionEvent("pagehide")))],
  ["Before it is hidden", (visitor) => setHidden(visitor, true)],
];

const fixture = usePage();
const { visitor, secondBrowser } = fixture;

describe("a message", () => {
  it("is shown as sent, then as delivered once the other one has it, and as read once it was on their screen, several by one receipt", async () => {
    const [alice, bob] = await twoFriends(fixture);
    await Promise.all([becomes(alice, "Hello, Bob!", "Read"), becomes(bob, "Hello, Alice!", "Read")]);
    // One receipt for all messages of 5 seconds.
    const sent = receiptsOf(bob);
    const begun = performance.now();
    for (const text of ["one", "two", "three"]) await alice.sendForSure(text);
    for (const text of ["one", "two", "three"]) await becomes(alice, text, "Read");
    expect(new Set(sent.map(({ type }) => type))).toEqual(new Set(["read"]));
    expect(new Set(sent.flatMap(({ content }) => JSON.parse(content))).size).toBe(3);
    const most = 1 + Math.floor((performance.now() - begun) / 5_000);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBeLessThanOrEqual(most);

    await lookAway(bob);
    await alice.sendForSure("Are you there?");
    expect(await tickOf(alice, "Are you there?")).toBe("Sent");
    await becomes(alice, "Are you there?", "Delivered");
    await bob.conversations.getByText("Are you there?").waitFor();
    await bob.conversations.getByText("Are you there?").click();
    await becomes(alice, "Are you there?", "Read");
    const ticks = alice.message("Are you there?").locator(".ticks");
    expect(await ticks.innerText()).toContain("Sent");
    const colour = (text: string) =>
      alice
        .message(text)
        .locator(".ticks")
        .evaluate((one) => getComputedStyle(one).color);
    await alice.context.setOffline(true);
    await alice.send("Not there yet");
    await alice.context.setOffline(false);
    await alice.message("Not there yet").getByText("Sent", { exact: true }).waitFor();
    expect(await colour("Are you there?")).not.toBe(await colour("Not there yet"));
    await alice.page.reload();
    await becomes(alice, "Are you there?", "Read");
  });

  it("is not read in a window that nobody sees, nor below what is on the screen", async () => {
    const alice = await visitor("alice", { viewport: { width: 900, height: 500 } });
    const { client: bob, mailbox, to } = await friendOf(alice, fixture);
    await lookAway(alice);
    const ids: string[] = [];
    for (let number = 0; number < 30; number++) ids.push(await write(bob, to, `Line ${number}`));
    await alice.conversations.getByText("Line 29").waitFor();
    await setHidden(alice, true);
    await alice.conversations.getByText("Line 29").click();
    await alice.message("Line 0").waitFor();
    await eventually(async () => expect(new Set(await mailbox.told("delivered"))).toEqual(new Set(ids)));
    expect(await mailbox.told("read")).toEqual([]);
    await setHidden(alice, false);
    await eventually(async () => expect(await mailbox.told("read")).toContain(ids[0]));
    const first = await mailbox.told("read");
    expect(first.length).toBeLessThan(25);
    expect(first).not.toContain(ids[29]);
    await alice.button("Newest messages").click();
    await eventually(async () => expect(await mailbox.told("read")).toContain(ids[29]));
    // Each once.
    const read = await mailbox.told("read");
    expect(new Set(read).size).toBe(read.length);
  });

  it("is told as delivered although the page was closed right after it came, and once more if that failed", async () => {
    const alice = await visitor("alice");
    const { client: bob, mailbox, to } = await friendOf(alice, fixture);
    await lookAway(alice);
    const first = await write(bob, to, "First");
    await alice.conversations.getByText("First").waitFor();
    await hasLooked(alice);
    await alice.page.goto("about:blank");
    await eventually(async () => expect(await mailbox.told("delivered")).toEqual([first]));
    await alice.page.goto(alice.url);
    await alice.connected();
    const second = await write(bob, to, "Second");
    await alice.conversations.getByText("Second").waitFor();
    await hasLooked(alice);
    await silence(alice);
    await alice.page.goto("about:blank");
    expect(await mailbox.told("delivered")).not.toContain(second);
    await alice.page.goto(alice.url);
    // What the page could not note as told before it was closed is told once more, which changes nothing.
    await eventually(async () => expect(new Set(await mailbox.told("delivered"))).toEqual(new Set([first, second])));
  });

  it("is told as delivered at once when the page is hidden or left", async () => {
    const alice = await visitor("alice");
    const { client: bob, mailbox, to } = await friendOf(alice, fixture);
    await lookAway(alice);
    // No 5 seconds pass in this tab.
    await alice.page.clock.install();
    const frames = framesTo(alice);
    await alice.page.reload();
    await alice.connected();
    // The WebSocket is there: without a clock the page would ask for nothing.
    await eventually(() => expect(frames.length).toBeGreaterThan(0));
    await alice.page.clock.pauseAt(Date.now() + 60_000);
    for (const [text, leave] of LEAVING) {
      let id = "";
      const send = async (content: string) => {
        id = await write(bob, to, content);
      };
      await show(alice, send, text);
      await hasLooked(alice);
      expect(await mailbox.told("delivered")).not.toContain(id);
      await leave(alice);
      await eventually(async () => expect(await mailbox.told("delivered")).toContain(id));
    }
    const told = await mailbox.told("delivered");
    expect(told).toEqual([...new Set(told)]);
  });

  it("is told as read from the tab that shows it, by the tab that leads, once, unless it was sent without a type", async () => {
    const leader = await visitor("alice");
    const { client: bob, mailbox, to } = await friendOf(leader, fixture);
    // The client of a message without a type would show receipts.
    await bob.send({ to, content: "From an older page" });
    await leader.message("From an older page").waitFor();
    const typed = await write(bob, to, "From a page");
    await leader.message("From a page").waitFor();
    await eventually(async () => expect(await mailbox.told("read")).toEqual([typed]));
    const texts = (await mailbox.take()).filter(({ type }) => type === undefined);
    expect(texts).toEqual([]);

    await lookAway(leader);
    const follower = await leader.openTab();
    const [byLeader, byFollower] = [receiptsOf(leader), receiptsOf(follower)];
    const id = await write(bob, to, "For the second tab");
    await follower.conversations.getByText("For the second tab").click();
    await follower.message("For the second tab").waitFor();
    await eventually(async () => expect(await mailbox.told("read")).toEqual([typed, id]));
    expect(byFollower).toEqual([]);
    // That it was delivered may be told of before, and a receipt that got no answer is sent again.
    expect(new Set(byLeader.flatMap(({ type, messageId }) => (type === "read" ? messageId : []))).size).toBe(1);
  });

  it("of a blocked person has no receipts, also where another device has blocked them", async () => {
    const alice = await visitor("alice");
    const { client: bob, mailbox, to } = await friendOf(alice, fixture);
    const carol = await friendOf(alice, fixture, "carol");
    await alice.page.goto("about:blank");
    await write(bob, to, "From Bob");
    await (await alice.elsewhere()).block(bob.session?.id ?? "");
    const id = await write(carol.client, carol.to, "From Carol");
    await alice.page.goto(alice.url);
    await alice.conversations.getByText("From Bob").click();
    await alice.message("From Bob").waitFor();
    await alice.conversations.getByText("From Carol").click();
    await alice.message("From Carol").waitFor();
    await eventually(async () => expect(await carol.mailbox.told("read")).toEqual([id]));
    expect(await mailbox.told("read")).toEqual([]);
    expect(await mailbox.told("delivered")).toEqual([]);
  });
});

describe("the setting “Read receipts”", () => {
  const box = (one: Visitor) => one.page.getByRole("checkbox", { name: "Read receipts" });

  it("keeps what is read from others, and from oneself what others have read, on all devices, until it is on again", async () => {
    const [alice, bob] = await twoFriends(fixture);
    const phone = await secondBrowser(alice);
    await becomes(alice, "Hello, Bob!", "Read");
    await alice.button(/Account/).click();
    await box(alice).uncheck();
    await alice.page.keyboard.press("Escape");
    await becomes(alice, "Hello, Bob!", "Delivered");
    await phone.button(/Account/).click();
    await eventually(async () => expect(await box(phone).isChecked()).toBe(false));
    await phone.page.keyboard.press("Escape");
    const sent = receiptsOf(alice);
    await bob.sendForSure("Secret?");
    await alice.message("Secret?").waitFor();
    await becomes(bob, "Secret?", "Delivered");
    expect(sent.map(({ type }) => type)).toEqual(["delivered"]);
    await alice.page.reload();
    await becomes(alice, "Hello, Bob!", "Delivered");
    await phone.button(/Account/).click();
    await box(phone).check();
    await becomes(alice, "Hello, Bob!", "Read");
    await bob.sendForSure("And now?");
    await becomes(bob, "And now?", "Read");
    // What was read in secret stays so.
    expect(await tickOf(bob, "Secret?")).toBe("Delivered");
  });

  it("holds on a device that comes later, as do a muted and a pinned conversation", async () => {
    const [alice, bob] = await twoFriends(fixture);
    await alice.button(/Account/).click();
    await box(alice).uncheck();
    await alice.page.keyboard.press("Escape");
    for (const setting of ["Mute", "Pin"]) await chooseInMenu(alice, setting);
    const phone = await secondBrowser(alice);
    await phone.page.getByText("This device begins here").waitFor();
    await phone.button(/Account/).click();
    await eventually(async () => expect(await box(phone).isChecked()).toBe(false));
    await phone.page.keyboard.press("Escape");
    // From now on the new device alone tells anything.
    await alice.page.goto("about:blank");
    const sent = receiptsOf(phone);
    await bob.sendForSure("Secret?");
    const line = phone.conversations.getByRole("button", { name: bob.username });
    for (const setting of ["Muted", "Pinned"]) await line.getByText(setting).waitFor();
    expect(await phone.page.title()).toBe("goTalk");
    await line.click();
    await phone.message("Secret?").waitFor();
    await becomes(bob, "Secret?", "Delivered");
    // What comes later is told later.
    await phone.sendForSure("What do you mean?");
    await bob.sendForSure("Never mind.");
    await becomes(bob, "Never mind.", "Delivered");
    expect(new Set(sent.map(({ type }) => type))).toEqual(new Set(["delivered"]));
  });
});
