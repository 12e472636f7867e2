import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { friendOf, twoFriends, write } from "./support/friends.ts";
import { makeGroup, onlyGroup } from "./support/groups.ts";
import { chooseInMenu } from "./support/menu.ts";

/** The frames by which a page says that its user is typing, from now on. */
function typingOf({ page }: Visitor): string[] {
  const frames: string[] = [];
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => {
      if (String(payload).includes('"typing"')) frames.push(String(payload));
    }),
  );
  return frames;
}

/** Presses keys until something has happened: what one key causes lasts 6 seconds, and this machine may be slower. */
async function typeUntil(visitor: Visitor, happened: Promise<unknown>): Promise<void> {
  let isDone = false;
  const end = () => {
    isDone = true;
  };
  happened.then(end, end);
  while (!isDone) await visitor.box.pressSequentially("la ", { delay: 100 });
  await happened;
}

/** Loads the page anew. @returns the frames by which it says that its user is typing */
async function reloadedTypingOf(visitor: Visitor): Promise<string[]> {
  const frames = typingOf(visitor);
  await visitor.page.reload();
  await visitor.live();
  return frames;
}

const subtitle = ({ page }: Visitor) => page.locator(".pane > header .subtitle");

const fixture = usePage();
const { visitor, client } = fixture;

describe("typing", () => {
  it("shows under the name and in the list while it lasts, in every tab, and ends with the message", async () => {
    const [alice, bob] = await twoFriends(fixture);
    const tab = await bob.openTab();
    await tab.conversations.getByText("Hello").click();
    const shown = [bob, tab].flatMap((one) => [subtitle(one), one.conversations.getByText("typing…")]);
    await typeUntil(alice, Promise.all(shown.map((words) => words.waitFor())));
    const isSaid = () => bob.page.locator(":is([aria-live], [role=log], [role=status]) .typing").count();
    // It is in no region that a screen reader reads out by itself.
    await typeUntil(alice, Promise.all([subtitle(bob).waitFor(), isSaid().then((count) => expect(count).toBe(0))]));
    await typeUntil(
      alice,
      violations(bob).then((found) => expect(found).toEqual([])),
    );
    await alice.send("I am here");
    await bob.message("I am here").waitFor();
    for (const one of [bob, tab]) await subtitle(one).waitFor({ state: "detached" });
    await bob.conversations.getByText("I am here").waitFor();
  });

  it("is forgotten when no key comes any more, and moves nothing on the page", async () => {
    const [alice, bob] = await twoFriends(fixture);
    const heights = () =>
      bob.page.evaluate(() =>
        [".pane > header", ".log", ".conversations li"].map(
          (one) => document.querySelector(one)?.getBoundingClientRect().height,
        ),
      );
    const before = await heights();
    const during = subtitle(bob).waitFor().then(heights);
    await typeUntil(alice, during);
    expect(await during).toEqual(before);
    await subtitle(bob).waitFor({ state: "detached" });
  });

  it("is told from another tab by the one that leads, and shows in a tab that has just come", async () => {
    const [alice, bob] = await twoFriends(fixture);
    const tab = await alice.openTab();
    await tab.conversations.getByText("Hello").click();
    await typeUntil(tab, subtitle(bob).getByText("typing…").waitFor());
    const late = await bob.openTab();
    const words = late.conversations.getByText("typing…");
    await typeUntil(tab, words.waitFor());
  });

  it("is told to nobody while the text is empty, to no stranger, and to no blocked person", async () => {
    const alice = await visitor("alice");
    const frames = await reloadedTypingOf(alice);
    const stranger = await client("stranger");
    await write(stranger, (await stranger.find(alice.username)).id, "You do not know me");
    await alice.conversations.getByText("You do not know me").click();
    await alice.box.pressSequentially("Who are you?");
    await alice.box.fill("");
    await friendOf(alice, fixture, "mallory");
    await chooseInMenu(alice, "Block");
    await alice.page.getByRole("dialog").getByRole("button", { name: "Block" }).click();
    await alice.page.getByText("You have blocked").waitFor();
    expect(await alice.box.count()).toBe(0);
    const bob = await friendOf(alice, fixture);
    await alice.box.fill(" ");
    await alice.box.fill("");
    expect(frames).toEqual([]);
    await alice.box.fill("To a friend");
    await eventually(() => expect(frames).toHaveLength(1));
    expect(JSON.parse(frames[0] ?? "")).toEqual({ type: "typing", toId: bob.client.session?.id });
    // Each further key within 4 seconds tells nothing.
    await alice.box.pressSequentially(", and more");
    expect(frames).toHaveLength(1);
  });

  it("is told to nobody before it is known who is blocked", async () => {
    const alice = await visitor("alice");
    await friendOf(alice, fixture);
    const { promise: asked, resolve: answer } = Promise.withResolvers<void>();
    await alice.page.route("**/blocks", async (route) => {
      await asked;
      await route.continue();
    });
    const frames = await reloadedTypingOf(alice);
    await alice.message("Hello, bob!").waitFor();
    await alice.box.pressSequentially("Not yet");
    await alice.box.fill("");
    const known = alice.page.waitForResponse("**/blocks");
    answer();
    await known;
    await eventually(async () => {
      await alice.box.pressSequentially("a");
      expect(frames).not.toEqual([]);
    });
    expect(frames).toHaveLength(1);
  });

  it("reaches each member of a group by name, from one who has written nothing there, but not while it is a request", async () => {
    const [alice, bob] = await twoFriends(fixture);
    const [carol, dave] = await Promise.all([visitor("carol"), client("dave")]);
    const hers = await reloadedTypingOf(carol);
    await makeGroup(bob, "Tea", [alice.username, carol.username, dave.session?.username ?? ""]);
    const toId = await onlyGroup(dave);
    for (const one of [alice, carol]) await one.conversations.getByText("Tea", { exact: true }).click();
    // Bob is a friend of Alice, so that the group is none of a stranger.
    const words = `${alice.username} is typing…`;
    await typeUntil(alice, Promise.all([bob, carol].map((one) => subtitle(one).getByText(words).waitFor())));
    // To Carol he is a stranger.
    await carol.button("Accept").waitFor();
    await carol.box.pressSequentially("Who are you?");
    await carol.box.fill("");
    await carol.button("Accept").click();
    await carol.button("Accept").waitFor({ state: "detached" });
    expect(hers).toEqual([]);
    await typeUntil(carol, Promise.all([alice, bob].map((one) => subtitle(one).getByText(carol.username).waitFor())));
    for (const frame of hers) expect(JSON.parse(frame)).toEqual({ type: "typing", toId });
  });
});
