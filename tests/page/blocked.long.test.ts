import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { friendOf, write } from "./support/friends.ts";
import { chooseInMenu } from "./support/menu.ts";

const fixture = usePage();
const { visitor, client } = fixture;

/** Blocks the person of the open conversation. */
async function block(alice: Visitor): Promise<void> {
  await chooseInMenu(alice, "Block");
  await alice.page.getByRole("dialog").getByRole("button", { name: "Block" }).click();
  await alice.page.getByText("You have blocked").waitFor();
}

describe("a blocked person", () => {
  it("is not written to, by no way, until they are unblocked; what was typed is kept", async () => {
    const alice = await visitor("alice");
    const bob = await friendOf(alice, fixture);
    await write(bob.client, bob.to, "Hello, Alice!");
    await alice.message("Hello, Alice!").waitFor();
    await alice.box.fill("A draft");
    await block(alice);
    expect(await alice.button("Send").count()).toBe(0);
    expect(await alice.box.inputValue()).toBe("A draft");
    expect(await alice.box.evaluate((box: HTMLTextAreaElement) => box.readOnly)).toBe(true);
    await alice.box.press("Enter");
    await alice.message("Hello, Alice!").hover();
    await alice.button("Details").waitFor();
    for (const name of ["Reply", "React"]) expect(await alice.button(name).count()).toBe(0);
    // Nor as a new conversation.
    await alice.to.fill(bob.client.session?.username ?? "");
    await alice.page.getByRole("heading", { name: "New conversation with" }).waitFor();
    await alice.page.getByText("You have blocked").waitFor();
    expect(await alice.button("Send").count()).toBe(0);
    await alice.to.press("Enter");
    await alice.page.getByRole("heading", { name: bob.client.session?.username ?? "", exact: true }).waitFor();
    await alice.button("Unblock").click();
    await alice.button("Send").waitFor();
    await eventually(async () => {
      expect(await alice.box.evaluate((box) => document.activeElement === box)).toBe(true);
      expect(await alice.box.inputValue()).toBe("A draft");
    });
    await alice.box.press("Enter");
    await alice.message("A draft").getByText("Sent", { exact: true }).waitFor();
  });

  it("is no request in the list any more, also after a reload without the conversation", async () => {
    const [alice, stranger] = await Promise.all([visitor("alice"), client("stranger")]);
    await write(stranger, (await stranger.find(alice.username)).id, "You do not know me");
    const line = alice.conversations.getByRole("button");
    await line.getByText("Request").waitFor();
    await line.click();
    await block(alice);
    await line.getByText("Request").waitFor({ state: "detached" });
    await alice.page.goto(`${alice.url}/#`);
    await alice.page.reload();
    await line.getByText("You do not know me").waitFor();
    await line.getByText("Request").waitFor({ state: "detached" });
  });
});
