import { describe, expect, it } from "vitest";
import type { Client } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { problemText } from "../support/problem-text.ts";
import { takeAll } from "../support/taking.ts";
import { idOf, makeGroup, nameOf } from "./support/groups.ts";
import { chooseInMenu } from "./support/menu.ts";

const { visitor, client } = usePage();

const found = ({ page }: Visitor) => page.getByRole("list", { name: "Your groups" }).getByRole("button");
const headed = ({ page }: Visitor, name: string) => page.getByRole("heading", { name, exact: true });

/** Deletes the open conversation on this device. */
async function deleteHere(alice: Visitor, name: string): Promise<void> {
  await chooseInMenu(alice, "Delete conversation here");
  await alice.button("Delete here").click();
  await alice.conversations.getByText(name, { exact: true }).waitFor({ state: "detached" });
}

/** The texts that a member has of a group. */
const textsTo = async (member: Client): Promise<string[]> =>
  (await takeAll(member)).filter(({ type }) => type === "text").map(({ content }) => content);

describe("the field To", () => {
  it("finds a group of which the conversation was deleted here, also without a network, and what was typed goes there", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await makeGroup(alice, "Book club", [nameOf(bob)]);
    await deleteHere(alice, "Book club");
    await alice.context.setOffline(true);
    await alice.status.filter({ hasText: "Offline" }).waitFor();
    await alice.to.fill("book");
    await alice.box.fill("See you");
    await found(alice).click();
    await headed(alice, "Book club").waitFor();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("See you"));
    // The draft for nobody is gone.
    await alice.to.fill("somebody");
    expect(await alice.box.inputValue()).toBe("");
    // A name that no user can have needs no server.
    await alice.to.fill("BOOK CLUB");
    await alice.to.press("Enter");
    await headed(alice, "Book club").waitFor();
    await alice.context.setOffline(false);
    await alice.sendForSure("On my way");
    expect(await textsTo(bob)).toEqual(["On my way"]);
    // It is a group like any other again: it can be left.
    await alice.button("Conversation menu").click();
    await alice.button("Leave group").waitFor();
  });

  it("takes a first message under the name of a group, and sends it there", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await makeGroup(alice, "Book club", [nameOf(bob)]);
    await alice.to.fill("Book club");
    await alice.box.fill("Chapter two");
    await alice.box.press("Enter");
    await headed(alice, "Book club").waitFor();
    await alice.message("Chapter two").getByText("Sent", { exact: true }).waitFor();
    expect(await textsTo(bob)).toEqual(["Chapter two"]);
  });

  it("opens no group where it is not known whether a person has the name", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    await carol.createGroup({ name: nameOf(bob), members: [(await carol.find(alice.username)).id, idOf(bob)] });
    await alice.conversations.getByText(nameOf(bob), { exact: true }).waitFor();
    await alice.page.route("**/users/*", (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        body: problemText(403, "forbidden"),
      }),
    );
    await alice.to.fill(nameOf(bob));
    await alice.to.press("Enter");
    await alice.page.getByRole("alert").filter({ hasText: "You are not allowed" }).waitFor();
    expect(await headed(alice, nameOf(bob)).count()).toBe(0);
    await alice.page.unroute("**/users/*");
    await alice.to.press("Enter");
    await alice.log.getByText("Say hello.").waitFor();
  });

  it("a group of a friend is no request after its conversation was deleted here", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(nameOf(bob));
    await alice.sendForSure("Hello");
    const { groupId } = await bob.createGroup({ name: "Tea", members: [(await bob.find(alice.username)).id] });
    await alice.conversations.getByText("Tea", { exact: true }).click();
    await headed(alice, "Tea").waitFor();
    await deleteHere(alice, "Tea");
    await bob.send({ to: groupId, type: "text", content: "At five" });
    const line = alice.conversations.getByRole("button", { name: "Tea" });
    await line.getByText("At five").waitFor();
    expect(await line.getByText("Request").count()).toBe(0);
  });
});
