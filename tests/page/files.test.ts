import { describe, expect, it } from "vitest";
import { usePage } from "../support/page/fixture.ts";
import { png } from "./support/pictures.ts";

describe("files", () => {
  const { visitor } = usePage();

  it("dev", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), visitor("bob")]);
    await alice.talkTo(bob.username);
    await alice.sendForSure("hello");
    await bob.conversations.getByText("hello").click();
    await bob.accept();
    await alice.button("Attach").waitFor();
    await alice.page.locator("input[type=file]").setInputFiles([
      { name: "sunset.png", mimeType: "image/png", buffer: png(3000, 2000) },
      { name: "report.pdf", mimeType: "application/pdf", buffer: Buffer.from("hello pdf") },
    ]);
    await alice.page.getByRole("dialog").waitFor();
    await alice.page.screenshot({ path: "/tmp/shots/dialog.png" });
    await alice.page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    await alice.page.getByRole("dialog").waitFor({ state: "detached" });
    await alice.button("Open picture sunset.webp").waitFor();
    await bob.button("Open picture sunset.webp").waitFor();
    await bob.button(/Save report.pdf/).waitFor();
    await alice.log.getByText("Sent", { exact: true }).nth(2).waitFor();
    await alice.page.screenshot({ path: "/tmp/shots/alice.png" });
    await bob.page.screenshot({ path: "/tmp/shots/bob.png" });
    await bob.button("Open picture sunset.webp").click();
    await bob.page.getByRole("dialog").waitFor();
    await bob.page.screenshot({ path: "/tmp/shots/viewer.png" });
    expect(1).toBe(1);
  });
});
