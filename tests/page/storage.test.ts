import { describe, expect, it } from "vitest";
import { usePage } from "./support/fixture.ts";
import { setFull, withLimitedStorage } from "./support/full-storage.ts";

describe("storage", () => {
  const { visitor, stranger, client } = usePage();

  it("that is full keeps messages on the server, and says what to do", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withLimitedStorage }), client("bob")]);
    await setFull(alice, true);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, content: "No room for this" });
    const problem = alice.page.getByRole("alert").filter({ hasText: "The storage of this browser is full" });
    await problem.waitFor();
    expect(await alice.conversations.getByText("No room for this").count()).toBe(0);
    await setFull(alice, false);
    await alice.button("Try again").click();
    await alice.conversations.getByText("No room for this").click();
    await problem.waitFor({ state: "detached" });
    await alice.message("No room for this").waitFor();
    expect(await alice.texts()).toEqual(["No room for this"]);
  });

  it("that is full leaves what was typed in the box", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withLimitedStorage }), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.box.fill("Precious");
    await setFull(alice, true);
    await alice.box.press("Enter");
    await alice.page.getByRole("alert").filter({ hasText: "The storage of this browser is full" }).waitFor();
    expect(await alice.box.inputValue()).toBe("Precious");
    await setFull(alice, false);
    await alice.box.press("Enter");
    await alice.message("Precious").getByText("Sent").waitFor();
  });

  it("that is refused is said, and nothing is fetched that could not be kept", async () => {
    const alice = await stranger("alice", {
      before: (context) =>
        context.addInitScript(() => {
          IDBFactory.prototype.open = () => {
            throw new DOMException("refused", "SecurityError");
          };
        }),
    });
    let syncs = 0;
    alice.page.on("request", (request) => {
      if (request.url().endsWith("/sync")) syncs++;
    });
    await alice.page.goto(alice.url);
    await alice.fillIn();
    await alice.button("Register").click();
    await alice.page.getByRole("alert").filter({ hasText: "does not let the page store" }).waitFor();
    await alice.button("Try again").waitFor();
    expect(syncs).toBe(0);
  });
});
