import { describe, expect, it } from "vitest";
import { WAIT } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { seedUser } from "../support/shared/index.ts";
import { dialogOf, idOf, makeGroup, membersIn, nameOf, onlyGroup, openInfo } from "./support/groups.ts";
import { isFineWhereNarrow } from "./support/narrow.ts";
import { scanned } from "./support/qr.ts";

/** Makes an invite link of the open group. The dialog stays open. */
async function makeLink(visitor: Visitor): Promise<string> {
  const info = await openInfo(visitor);
  await info.getByRole("button", { name: "Make an invite link" }).click();
  return info.getByRole("textbox", { name: "Invite link" }).inputValue();
}

const { visitor, stranger, client } = usePage();

describe("an invite link of a group", () => {
  it("is made on a click, copied, shown as a QR code, and replaced; a removal makes it void", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { permissions: ["clipboard-read", "clipboard-write"] }),
      client("bob"),
    ]);
    await makeGroup(alice, "Tea & Co", [nameOf(bob)]);
    const first = await makeLink(alice);
    const info = dialogOf(alice, "Group info");
    expect(new URL(first).search).toBe("");
    expect(new URLSearchParams(new URL(first).hash.slice(1)).get("name")).toBe("Tea & Co");
    await info.getByRole("button", { name: "Copy link" }).click();
    await info.getByRole("button", { name: "Copied" }).waitFor();
    expect(await alice.page.evaluate(() => navigator.clipboard.readText())).toBe(first);
    await info.getByRole("button", { name: "QR code" }).click();
    const code = info.getByRole("img", { name: "QR code of the invite link to Tea & Co" });
    expect(await scanned(code)).toBe(first);
    expect(await violations(alice)).toEqual([]);
    // It is still there when the dialog is opened again, and after a reload: another one would make it void.
    await alice.page.reload();
    await openInfo(alice);
    const field = info.getByRole("textbox", { name: "Invite link" });
    expect(await field.inputValue()).toBe(first);
    await info.getByRole("button", { name: "Make a new link" }).click();
    await expect.poll(() => field.inputValue(), WAIT).not.toBe(first);
    const second = await field.inputValue();
    const carol = await client("carol");
    const codeOf = (link: string): string => new URLSearchParams(new URL(link).hash.slice(1)).get("join") ?? "";
    await expect(carol.joinGroup(codeOf(first))).rejects.toMatchObject({ code: "invalid_invite" });
    await carol.joinGroup(codeOf(second));
    await info.getByRole("button", { name: `Change ${nameOf(carol)}` }).click();
    await info.getByText("the invite link stops working").waitFor();
    await info.getByRole("button", { name: "Remove from the group" }).click();
    await info.getByRole("button", { name: "Make an invite link" }).waitFor();
    expect(await field.count()).toBe(0);
    await expect(carol.joinGroup(codeOf(second))).rejects.toMatchObject({ code: "invalid_invite" });
  });

  it("is followed by somebody who is logged in, is asked, and joins; no code stays in the address", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), visitor("carol")]);
    await makeGroup(alice, "Tea", [nameOf(bob)]);
    const link = await makeLink(alice);
    await alice.page.keyboard.press("Escape");
    const sent: string[] = [];
    carol.page.on("request", (request) => sent.push(request.url()));
    // The page is open: only what is behind the "#" changes.
    await carol.page.evaluate((address) => location.assign(address), link);
    const dialog = dialogOf(carol, "Join a group?");
    await dialog.getByText("The link calls it “Tea”.").waitFor();
    await isFineWhereNarrow(carol);
    expect(carol.page.url()).not.toContain("join");
    // Nor does it come again by the Back button.
    const entries = () => carol.page.evaluate(() => navigation.entries().map(({ url }) => url ?? ""));
    expect((await entries()).filter((url) => url.includes("join"))).toEqual([]);
    await dialog.getByRole("button", { name: "Join" }).click();
    await carol.log.getByText("You joined by the invite link").waitFor();
    await alice.log.getByText(`${carol.username} joined by the invite link`).waitFor();
    await carol.sendForSure("Here I am");
    await alice.message("Here I am").waitFor();
    expect(sent.filter((url) => url.includes("join=") || url.includes(link.split("join=")[1] ?? ""))).toEqual([]);
    // Once more: nothing to do but to open it.
    await carol.page.goto(link);
    await dialog.getByText("You are a member of “Tea” already.").waitFor();
    await dialog.getByRole("button", { name: "Open it" }).click();
    await carol.message("Here I am").waitFor();
  });

  it("is kept over a reload and a login, and says when it is void", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), stranger("carol")]);
    await makeGroup(alice, "Tea", [nameOf(bob)]);
    const link = await makeLink(alice);
    await seedUser(carol);
    await carol.page.goto(link);
    await carol.page.getByText("You are invited to a group, “Tea”. Log in or register to join it.").waitFor();
    expect(await violations(carol)).toEqual([]);
    await carol.page.reload();
    await alice.page.keyboard.press("Escape");
    await bob.leaveGroup(await onlyGroup(bob));
    const dave = await client("dave");
    const groupId = new URLSearchParams(new URL(link).hash.slice(1)).get("join")?.split(".")[0] ?? "";
    const admin = await alice.elsewhere();
    await admin.addMember(groupId, idOf(dave));
    await admin.removeMember(groupId, idOf(dave));
    await carol.logIn();
    const dialog = dialogOf(carol, "Join a group?");
    await dialog.getByRole("button", { name: "Join" }).click();
    await dialog.getByRole("alert").filter({ hasText: "This invite link lets nobody in any more." }).waitFor();
    expect(await violations(carol)).toEqual([]);
    expect(await dialog.getByRole("button", { name: "Join" }).count()).toBe(0);
    await dialog.getByRole("button", { name: "Not now" }).press("Enter");
    await dialog.waitFor({ state: "detached" });
    await carol.page.reload();
    await carol.connected();
    expect(await dialog.count()).toBe(0);
    // A new one lets in.
    const info = await openInfo(alice);
    await info.getByRole("button", { name: /Make a.* link/ }).click();
    await expect.poll(() => info.getByRole("textbox", { name: "Invite link" }).inputValue(), WAIT).not.toBe(link);
    await carol.page.goto(await info.getByRole("textbox", { name: "Invite link" }).inputValue());
    await dialog.getByRole("button", { name: "Join" }).click();
    await carol.log.getByText("You joined by the invite link").waitFor();
    await membersIn(info).filter({ hasText: carol.username }).waitFor();
  });
});
