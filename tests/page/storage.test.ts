import { describe, expect, it } from "vitest";
import { failed, setBroken, withBreakableStorage } from "./support/broken-storage.ts";
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

  it("that fails for a moment is read again by itself", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", {
        before: async (context) => {
          await withBreakableStorage(context);
          await context.clock.install();
        },
      }),
      client("bob"),
    ]);
    await alice.page.route("**/send", (route) =>
      route.fulfill({ status: 403, contentType: "application/problem+json", body: '{"code":"forbidden"}' }),
    );
    await alice.talkTo(bob.session?.username ?? "");
    await setBroken(alice, true);
    await alice.send("Refused");
    await failed(alice);
    expect(await alice.message("Refused").getByText("Failed").count()).toBe(0);
    await setBroken(alice, false);
    await alice.page.clock.fastForward(5_000);
    await alice.message("Refused").getByText("Failed").waitFor();
  });

  it("that fails for a moment hides nothing that another tab has stored", async () => {
    const [first, bob] = await Promise.all([visitor("alice", { before: withBreakableStorage }), client("bob")]);
    await first.talkTo(bob.session?.username ?? "");
    const second = await first.openTab();
    await second.conversations.getByRole("button").click();
    await second.log.getByText("Say hello.").waitFor();
    await setBroken(second, true);
    const { id } = await bob.find(first.username);
    await bob.send({ to: id, content: "While it fails" });
    await failed(second);
    await setBroken(second, false);
    await bob.send({ to: id, content: "And then" });
    await second.message("And then").waitFor();
    expect(await second.texts()).toEqual(["While it fails", "And then"]);
  });

  it("that fails when a message is in the outbox does not give it back, to be sent twice", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withBreakableStorage }), client("bob")]);
    await alice.to.fill(bob.session?.username ?? "");
    await alice.box.fill("Only once");
    await setBroken(alice, true);
    await alice.button("Send").click();
    await alice.log.waitFor();
    await failed(alice);
    await setBroken(alice, false);
    await alice.conversations.getByText("Only once").click();
    await alice.message("Only once").getByText("Sent").waitFor();
    expect(await alice.box.inputValue()).toBe("");
    expect(await alice.page.getByRole("alert").count()).toBe(0);
    expect((await bob.sync()).messages.map(({ content }) => content)).toEqual(["Only once"]);
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
