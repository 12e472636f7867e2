import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { newContents, receives } from "../support/receiving.ts";
import { breakDrafts, storedDrafts } from "./support/drafts.ts";
import { holdLookups } from "./support/lookups.ts";

/** A message is written while the name under To is looked up more than once, or for more than one person. */
describe("a first message that is sent while its receiver is looked up", () => {
  const { visitor, client } = usePage();

  const reads = (alice: Visitor, text: string) =>
    eventually(async () => expect(await alice.box.inputValue()).toBe(text));

  /** Where an empty box is expected, this is looked at as well: a box is empty until it has read its draft. */
  const stores = (alice: Visitor, ...texts: string[]) =>
    eventually(async () => expect(await storedDrafts(alice)).toEqual(texts));

  async function meet() {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    return { alice, bob, carol, name: bob.session?.username ?? "", other: carol.session?.username ?? "" };
  }

  it.each<[string, (alice: Visitor) => Promise<void>]>([
    [
      "by Enter under To",
      async (alice) => {
        await alice.to.press("Enter");
        await alice.send("Hello");
      },
    ],
    [
      "by an Enter under To that comes after it",
      async (alice) => {
        await alice.send("Hello");
        await alice.to.press("Enter");
      },
    ],
    [
      "by several Enters",
      async (alice) => {
        for (const box of [alice.to, alice.to]) await box.press("Enter");
        await alice.send("Hello");
        for (const box of [alice.box, alice.to]) await box.press("Enter");
      },
    ],
  ])("%s as well is sent once, and is in no box any more", async (_, press) => {
    const { alice, bob, name } = await meet();
    const { answer } = await holdLookups(alice);
    await alice.to.fill(name);
    await press(alice);
    answer();
    await alice.message("Hello").getByText("Sent", { exact: true }).waitFor();
    await stores(alice);
    await reads(alice, "");
    await alice.page.reload();
    await alice.message("Hello").getByText("Sent", { exact: true }).waitFor();
    await alice.box.pressSequentially("Next");
    await stores(alice, "Next");
    await reads(alice, "Next");
    expect(await newContents(bob)).toEqual(["Hello"]);
  });

  it("leaves what is written after it to the one who is opened", async () => {
    const { alice, bob, name } = await meet();
    const { answer } = await holdLookups(alice);
    await alice.to.fill(name);
    await alice.to.press("Enter");
    await alice.send("Hello");
    await alice.page.keyboard.type("And more");
    answer();
    await alice.message("Hello").getByText("Sent", { exact: true }).waitFor();
    await reads(alice, "And more");
    await alice.page.reload();
    await reads(alice, "And more");
    expect(await newContents(bob)).toEqual(["Hello"]);
  });

  it("is in no box any more once it is in the outbox, though nothing can be stored of drafts after that", async () => {
    const { alice, bob, name } = await meet();
    const { answer } = await holdLookups(alice);
    await alice.to.fill(name);
    await alice.send("Hello");
    await alice.page.keyboard.type("And more");
    await stores(alice, "HelloAnd more");
    await breakDrafts(alice);
    answer();
    await alice.conversations.getByRole("button", { name }).getByText("Hello").waitFor();
    await stores(alice, "And more");
    const received: string[] = [];
    await eventually(async () => {
      received.push(...(await newContents(bob)));
      expect(received).toEqual(["Hello"]);
    });
  });

  it("goes to that one, and not into the box for somebody else who is looked up after", async () => {
    const { alice, bob, carol, name, other } = await meet();
    const { answer } = await holdLookups(alice, name);
    await alice.to.fill(name);
    await alice.send("For Bob");
    await alice.box.fill("For Carol");
    await alice.to.fill(other);
    await alice.to.press("Enter");
    await alice.page.getByRole("heading", { name: other, exact: true }).waitFor();
    answer();
    await alice.conversations.getByRole("button", { name }).getByText("For Bob").waitFor();
    await reads(alice, "For Carol");
    await alice.box.press("Enter");
    await alice.message("For Carol").getByText("Sent", { exact: true }).waitFor();
    await stores(alice);
    await reads(alice, "");
    await receives(bob, "For Bob");
    expect(await newContents(carol)).toEqual(["For Carol"]);
  });

  it("is in no box of a conversation that is begun meanwhile", async () => {
    const { alice, bob, name, other } = await meet();
    await alice.talkTo(other);
    const { answer } = await holdLookups(alice);
    await alice.to.fill(name);
    await alice.to.press("Enter");
    await alice.send("For Bob");
    await alice.conversations.getByRole("button", { name: other }).click();
    await alice.to.fill("some");
    await alice.box.pressSequentially("For somebody");
    // A reload would still find both.
    await stores(alice, "For BobFor somebody");
    await reads(alice, "For somebody");
    answer();
    await alice.conversations.getByRole("button", { name }).getByText("For Bob").waitFor();
    await stores(alice, "For somebody");
    await alice.page.reload();
    await reads(alice, "For somebody");
    await receives(bob, "For Bob");
  });

  it("is back in its box, once, when nobody has that name", async () => {
    const { alice } = await meet();
    const { answer } = await holdLookups(alice);
    await alice.to.fill("nobody-at-all");
    await alice.to.press("Enter");
    await alice.send("To nobody");
    await alice.page.keyboard.type(", still");
    answer();
    await alice.page.getByRole("alert").filter({ hasText: "There is no user called" }).first().waitFor();
    await reads(alice, "To nobody, still");
    await alice.page.reload();
    await reads(alice, "To nobody, still");
  });

  it("is in the next box under To when it was not sent, and its own box is gone", async () => {
    const { alice, other } = await meet();
    await alice.talkTo(other);
    const { answer } = await holdLookups(alice);
    await alice.to.fill("nobody-at-all");
    await alice.send("To nobody");
    await alice.conversations.getByRole("button", { name: other }).click();
    await alice.to.fill("some");
    await alice.box.pressSequentially("To somebody");
    await reads(alice, "To somebody");
    const answered = alice.page.waitForResponse(/users\/nobody-at-all/);
    answer();
    await answered;
    // The text that is there stays as it is, and what was not sent comes with the next box.
    await alice.box.press("!");
    expect(await alice.box.inputValue()).toBe("To somebody!");
    await alice.conversations.getByRole("button", { name: other }).click();
    await alice.to.fill("some");
    await reads(alice, "To nobodyTo somebody!");
    await alice.page.reload();
    await reads(alice, "To nobodyTo somebody!");
  });
});
