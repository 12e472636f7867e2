import { describe, expect, it } from "vitest";
import { usePage } from "./support/fixture.ts";
import type { Visitor } from "./support/visitor.ts";

/** Lets every write fail as a full disk does, or succeed again. A real disk is hard to fill. */
const setFull = ({ page }: Visitor, isFull: boolean): Promise<void> =>
  page.evaluate((value) => {
    Reflect.set(globalThis, "isFull", value);
  }, isFull);

function breakable(): void {
  for (const name of ["put", "add"] as const) {
    const original = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (...values: Parameters<typeof original>) {
      if (Reflect.get(globalThis, "isFull")) throw new DOMException("full", "QuotaExceededError");
      return original.apply(this, values);
    };
  }
}

describe("storage", () => {
  const { visitor, stranger, client } = usePage();

  it("that is full keeps messages on the server, and says what to do", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { before: (context) => context.addInitScript(breakable) }),
      client("bob"),
    ]);
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
    const [alice, bob] = await Promise.all([
      visitor("alice", { before: (context) => context.addInitScript(breakable) }),
      client("bob"),
    ]);
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
