import { describe, expect, it } from "vitest";
import { WAIT } from "../support/eventually.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { usePage } from "../support/page/fixture.ts";
import { changeOutbox, ownSession } from "../support/page/outbox.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { newContents } from "../support/receiving.ts";
import { takeAll } from "../support/taking.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** By how much this machine's clock is off, and what the server refuses of what was written by it. */
const CLOCKS = [
  { off: -DAY, refused: [] },
  { off: DAY, refused: ["one."] },
  { off: -32 * DAY, refused: ["one."] },
];

describe("messages written while the clock of the machine is wrong", () => {
  const { visitor, client } = usePage();

  /** Sets the page's clock. */
  const setClock = ({ page }: Visitor, from: number) => page.clock.setFixedTime(Date.now() + from);

  /** A page with an open conversation, and the ids and contents that it has tried to send. */
  async function begin() {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    const tried: { messageId: string; content: string }[] = [];
    alice.page.on("request", (request) => {
      if (request.url().endsWith("/send")) tried.push(request.postDataJSON());
    });
    return { alice, bob, tried };
  }

  /** Lets no request reach the server, though the browser believes that there is a network. */
  const disconnect = ({ page }: Visitor) => cutOff(page, "**/send", "**/sync");

  it.each(CLOCKS)("go out once and in order, and those after them too ($off ms off)", async ({ off, refused }) => {
    const { alice, bob, tried } = await begin();
    await alice.context.setOffline(true);
    await alice.status.filter({ hasText: "Offline" }).waitFor();
    await setClock(alice, off);
    for (const text of ["one.", "two.", "three."]) await alice.send(text);
    await alice.message("three.").getByText("Waiting for the network").waitFor();
    await alice.context.setOffline(false);
    await alice.message("three.").getByText("Sent", { exact: true }).waitFor();
    await alice.sendForSure("four.");
    // Where the first is refused, the others get new ids with it. A busy server is asked again, with the same id.
    const once = tried.filter(({ messageId }, index) => messageId !== tried[index - 1]?.messageId);
    expect(once.map(({ content }) => content)).toEqual([...refused, "one.", "two.", "three.", "four."]);
    const messages = await takeAll(bob);
    expect(messages.map(({ content }) => content)).toEqual(["one.", "two.", "three.", "four."]);
    expect(messages.map(({ messageId }) => messageId)).toEqual(once.slice(-4).map(({ messageId }) => messageId));
    const shown = await alice.message("one.").locator("time").getAttribute("datetime");
    expect(Math.abs(Date.parse(shown ?? "") - Date.now())).toBeLessThan(5 * MINUTE);
    expect(await changeOutbox(alice, "leave")).toEqual([]);
  });

  it.each([-DAY, DAY])("stay below what was there before, also after a reload (%i ms off)", async (off) => {
    const { alice, bob } = await begin();
    await bob.send({ to: (await bob.find(alice.username)).id, content: "Before" });
    await alice.message("Before").waitFor();
    const reconnect = await disconnect(alice);
    await setClock(alice, off);
    for (const text of ["one.", "two."]) await alice.send(text);
    await alice.message("two.").waitFor();
    expect(await alice.texts()).toEqual(["Before", "one.", "two."]);
    await alice.page.reload();
    await setClock(alice, off);
    expect(await alice.firstTexts(3)).toEqual(["Before", "one.", "two."]);
    reconnect();
    await alice.message("two.").getByText("Sent", { exact: true }).waitFor();
    expect(await alice.texts()).toEqual(["Before", "one.", "two."]);
    expect(await newContents(bob)).toEqual(["one.", "two."]);
  });

  it("and that may have been sent long ago are shown as unknown, and go out only when the person says so", async () => {
    const { alice, bob } = await begin();
    const reconnect = await disconnect(alice);
    await setClock(alice, -32 * DAY);
    await alice.send("Long ago");
    await alice.message("Long ago").getByText("Not sent yet").waitFor();
    await alice.page.reload();
    await setClock(alice, 0);
    reconnect();
    await alice.message("Long ago").getByText("Unknown").waitFor();
    const why = alice.page.getByRole("alert").filter({ hasText: "It is not known whether this arrived." });
    await why.waitFor();
    await alice.sendForSure("Today");
    expect(await alice.button("Retry all").count()).toBe(0);
    await alice.page.reload();
    await setClock(alice, 0);
    await why.waitFor();
    await alice.sendForSure("Again today");
    expect(await newContents(bob)).toEqual(["Today", "Again today"]);
    await alice.button("Retry").click();
    await alice.message("Long ago").getByText("Sent", { exact: true }).waitFor();
    expect(await newContents(bob)).toEqual(["Long ago"]);
  });

  it("and of which an older version of the page does not say whether it sent them are unknown, too", async () => {
    const { alice, bob } = await begin();
    const reconnect = await disconnect(alice);
    await setClock(alice, DAY);
    await alice.send("From before");
    await alice.message("From before").getByText("Not sent yet").waitFor();
    expect(await changeOutbox(alice, "forgetAttempts")).toMatchObject([{ mayHaveArrived: true }]);
    await alice.page.reload();
    reconnect();
    await alice.message("From before").getByText("Unknown").waitFor();
    expect(await newContents(bob)).toEqual([]);
    await alice.button("Retry").click();
    await alice.message("From before").getByText("Sent", { exact: true }).waitFor();
    expect(await newContents(bob)).toEqual(["From before"]);
  });

  it("and whose first answer was lost go out by themselves, if the server cannot have taken them", async () => {
    const { alice, bob } = await begin();
    const reconnect = await disconnect(alice);
    await setClock(alice, DAY);
    await alice.send("From tomorrow");
    await alice.message("From tomorrow").getByText("Not sent yet").waitFor();
    await alice.page.reload();
    reconnect();
    await alice.message("From tomorrow").getByText("Sent", { exact: true }).waitFor();
    expect(await newContents(bob)).toEqual(["From tomorrow"]);
  });

  it("and that are sent once more after they were sent keep the time of the first answer", async () => {
    const { alice, bob, tried } = await begin();
    await alice.sendForSure("Once");
    const time = () => alice.message("Once").locator("time").getAttribute("datetime");
    const before = await time();
    const [first] = tried;
    // As if the disk had lost what was written after the answer.
    const message = { messageId: first?.messageId ?? "", content: "Once", writtenAt: before ?? "" };
    const { id: peerId } = await bob.find(alice.username).then(() => bob.session ?? { id: "" });
    await changeOutbox(alice, { add: { ...message, peerId, status: "pending" } });
    await alice.page.reload();
    await expect.poll(() => tried.length, WAIT).toBe(2);
    await alice.sendForSure("Twice");
    expect(tried[1]?.messageId).toBe(first?.messageId);
    expect(await time()).toBe(before);
    expect(await newContents(bob)).toEqual(["Once", "Twice"]);
    expect((await ownSession(alice)).id).not.toBe(peerId);
  });
});
