import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import { setHidden } from "../support/page/visibility.ts";
import { Visitor } from "../support/page/visitor.ts";
import { newContents } from "../support/receiving.ts";
import { takeAll } from "../support/taking.ts";

/** Counts the syncs of a tab from now on. */
function countSyncs({ page }: Visitor): () => number {
  let count = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/sync")) count++;
  });
  return () => count;
}

describe("two tabs of one user", () => {
  const { visitor, client } = usePage();

  it("are one client: one talks to the server, both show the same", async () => {
    const [first, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const second = await first.openTab();
    const syncs = countSyncs(second);
    await second.connected();
    const { id } = await bob.find(first.username);
    await bob.send({ to: id, content: "To both" });
    for (const tab of [first, second]) {
      await tab.conversations.getByText("To both").waitFor();
      await tab.conversations.getByText("1 unread").waitFor();
      await eventually(async () => expect(await tab.page.title()).toBe("(1) goTalk"));
    }
    await second.conversations.getByText("To both").click();
    await first.conversations.getByText("1 unread").waitFor({ state: "detached" });
    // Written in the tab that does not lead, sent by the one that does.
    await second.sendForSure("From the second");
    await first.conversations.getByText("From the second").click();
    await first.message("From the second").getByText("Sent", { exact: true }).waitFor();
    expect(syncs()).toBe(0);
    expect(await newContents(bob)).toEqual(["From the second"]);
  });

  it("go on when the one that leads is closed", async () => {
    const [first, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const second = await first.openTab();
    await second.connected();
    await first.page.close();
    await bob.send({ to: (await bob.find(second.username)).id, content: "Still there?" });
    await second.conversations.getByText("Still there?").waitFor();
  });

  it("let the one that is looked at talk to the server, whose timers the browser does not slow down", async () => {
    const first = await visitor("alice");
    const second = await first.openTab();
    await second.connected();
    await setHidden(second, true);
    await setHidden(first, true);
    const asked = second.page.waitForRequest("**/sync");
    await setHidden(second, false);
    expect((await asked).method()).toBe("POST");
  });

  it("let the one that is still looked at take over when the one that leads is hidden", async () => {
    const first = await visitor("alice");
    const second = await first.openTab();
    await second.connected();
    const asked = second.page.waitForRequest("**/sync");
    await setHidden(first, true);
    expect((await asked).method()).toBe("POST");
  });

  it("let the one that is looked at lead, though a hidden one has waited for it longer", async () => {
    const first = await visitor("alice");
    const second = await first.openTab();
    await second.connected();
    await setHidden(second, true);
    const third = await first.openTab();
    await third.connected();
    const asked = third.page.waitForRequest("**/sync");
    await first.page.close();
    expect((await asked).method()).toBe("POST");
  });

  it("that both are written in keep what is in the one, though the other sends", async () => {
    const [first, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await first.talkTo(bob.session?.username ?? "");
    const second = await first.openTab();
    await second.conversations.getByRole("button").click();
    await first.box.pressSequentially("A long text");
    await second.page.waitForFunction(() => document.querySelector("textarea")?.value === "A long text");
    await second.sendForSure("A short one");
    await first.message("A short one").getByText("Sent", { exact: true }).waitFor();
    expect(await first.box.inputValue()).toBe("A long text");
    // It does not come into the box in which the next message may have been begun.
    expect(await second.box.inputValue()).toBe("");
    await first.page.reload();
    await first.message("A short one").waitFor();
    await eventually(async () => expect(await first.box.inputValue()).toBe("A long text"));
    await first.box.press("Enter");
    await first.message("A long text").getByText("Sent", { exact: true }).waitFor();
    expect(await newContents(bob)).toEqual(["A short one", "A long text"]);
  });

  it("share a draft, and the log out", async () => {
    const [first, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await first.talkTo(bob.session?.username ?? "");
    const second = await first.openTab();
    await second.conversations.getByRole("button").click();
    await first.box.pressSequentially("Written in the first");
    await second.page.waitForFunction(() => document.querySelector("textarea")?.value === "Written in the first");
    await second.button("Log out").click();
    await first.button("Log in").waitFor();
    await first.page.getByRole("alert").filter({ hasText: "You were logged out in another tab." }).waitFor();
  });

  it("do not turn into the account of somebody else who logs in in one of them", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const second = await alice.openTab();
    await alice.talkTo(bob.session?.username ?? "");
    await alice.page.route("**/send", (route) => route.abort("connectionrefused"));
    await second.page.route("**/send", (route) => route.abort("connectionrefused"));
    await alice.send("Unsent");
    await alice.box.fill("A draft of hers");
    await second.button("Log out").click();
    const carol = new Visitor(
      second.context,
      second.page,
      second.url,
      `carol-${crypto.randomUUID()}`.slice(0, 20),
      "carol's password",
    );
    await carol.fillIn();
    await carol.enter("Register");
    const notice = alice.page.getByRole("alert").filter({ hasText: `Another tab has logged in as ${carol.username}` });
    await notice.filter({ hasText: `This tab showed ${alice.username}.` }).waitFor();
    // Nor after a reload.
    await alice.page.reload();
    await notice.waitFor();
    await alice.button(`Continue as ${carol.username}`).click();
    await alice.page.getByText("No conversations yet.").waitFor();

    await carol.button("Log out").click();
    await alice.button("Log in").waitFor();
    for (const { page } of [alice, second]) await page.unroute("**/send");
    await second.logIn();
    // The line shows the draft once the message is sent.
    await second.conversations.getByRole("button", { name: bob.session?.username ?? "" }).click();
    await second.message("Unsent").getByText("Sent", { exact: true }).waitFor();
    await eventually(async () => expect(await second.box.inputValue()).toBe("A draft of hers"));
    expect((await takeAll(bob)).map(({ content, senderName }) => [content, senderName])).toEqual([
      ["Unsent", alice.username],
    ]);
  });

  it("go on as they were when the same person logs in again in one of them", async () => {
    const first = await visitor("alice");
    const second = await first.openTab();
    await second.button("Log out").click();
    await first.button("Log in").waitFor();
    await second.logIn();
    await first.connected();
  });
});
