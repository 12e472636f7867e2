import { expect, describe, it } from "vitest";
import { eventually } from "../support/page/eventually.ts";
import { usePage } from "../support/page/fixture.ts";

describe("voice messages", () => {
  const { visitor, client } = usePage();
  it("try", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { permissions: ["microphone"] }), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    alice.page.on("console", (m) => console.log(m.text()));
    await alice.button("Record a voice message").click();
    await alice.page.getByRole("timer").filter({ hasText: "0:02" }).waitFor();
    await alice.page.screenshot({ path: "/tmp/rec.png" });
    await alice.button("Stop and listen").click();
    await alice.button(/^Play voice message/).waitFor();
    await alice.page.screenshot({ path: "/tmp/recorded.png" });
    await alice.button("Send").click();
    await alice.button("Record a voice message").waitFor();
    await alice.log.getByText("Sent", { exact: true }).waitFor();
    await alice.page.screenshot({ path: "/tmp/shown.png" });
    console.log(JSON.stringify(await alice.log.locator("audio").evaluate(async (a: HTMLAudioElement) => {
      const out: unknown[] = [a.duration, a.seekable.length && a.seekable.end(0)];
      a.currentTime = 1.5;
      await new Promise((r) => { a.onseeked = r; setTimeout(r, 3000); });
      out.push(a.currentTime, a.duration);
      a.currentTime = 0.5;
      await new Promise((r) => { a.onseeked = r; setTimeout(r, 3000); });
      out.push(a.currentTime);
      await a.play();
      await new Promise((r) => { a.onended = r; setTimeout(r, 6000); });
      out.push(a.currentTime, a.duration, a.ended);
      return out;
    })));
    await eventually(async () => expect(await alice.log.locator("audio").count()).toBe(1));
  });
});
