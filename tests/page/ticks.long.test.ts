import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { silence, twoFriends } from "./support/friends.ts";

/** Ends what a cut has done. */
type Mend = () => Promise<unknown> | unknown;

/** Loses the answers to all that a page sends, which the server has taken, until it is mended. */
async function loseAnswers({ page }: Visitor): Promise<Mend> {
  let isLost = true;
  await page.route("**/send", async (route) => {
    if (!isLost) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  return () => {
    isLost = false;
  };
}

/** Without a network. */
async function isolate({ context }: Visitor): Promise<Mend> {
  await context.setOffline(true);
  return () => context.setOffline(false);
}

/** The page is gone, and tells nobody any more. */
async function kill(visitor: Visitor): Promise<Mend> {
  const shown = visitor.page.url();
  await silence(visitor);
  await visitor.page.goto("about:blank");
  return () => visitor.page.goto(shown);
}

const fixture = usePage();

describe("ticks", () => {
  it("end right on both sides and on both devices of one, wherever the connection is cut", async () => {
    const [laptop, bob] = await twoFriends(fixture);
    const phone = await fixture.secondBrowser(laptop);
    /** Where no sync comes through, only a frame can bring it, which is best effort. */
    const hasCome = async (one: Visitor, text: string, early: Mend | undefined) => {
      const line = one.message(text);
      const isThere = await line.waitFor({ timeout: 10_000 }).then(
        () => true,
        () => false,
      );
      if (!isThere) await early?.();
      await line.waitFor();
    };
    /** Where it is cut: before a message is sent, or once it has come. */
    const cuts: readonly (readonly [when: "before" | "after", cut: () => Promise<Mend>])[] = [
      ["before", () => loseAnswers(laptop)],
      ["before", () => loseAnswers(bob)],
      ["before", () => cutOff(laptop.page, "**/sync")],
      ["before", () => cutOff(bob.page, "**/sync")],
      ["before", () => isolate(phone)],
      ["after", () => isolate(laptop)],
      ["after", () => isolate(bob)],
      ["after", () => kill(bob)],
      ["after", () => kill(phone)],
    ];
    const texts = ["Hello, Bob!", "Hello, Alice!"];
    for (const [number, [when, cut]] of cuts.entries()) {
      const [question, answer] = [`Question ${number}`, `Answer ${number}`];
      texts.push(question, answer);
      const early = when === "before" ? await cut() : undefined;
      await laptop.send(question);
      await hasCome(bob, question, early);
      await bob.send(answer);
      await hasCome(laptop, answer, early);
      const mend = early ?? (await cut());
      await mend();
      await Promise.all([laptop, bob].map((one) => one.connected()));
    }
    await phone.connected();
    await phone.conversations.getByText(texts.at(-1) ?? "").click();
    const ticks = ({ log }: Visitor) =>
      log
        .locator("article[data-own=true] .ticks")
        .evaluateAll((all) => all.map((one) => one.getAttribute("data-tick")));
    for (const one of [laptop, bob, phone]) {
      await eventually(async () => expect(new Set(await ticks(one))).toEqual(new Set(["read"])));
    }
    for (const one of [laptop, bob]) {
      // What was sent again after a lost answer has another time here than there.
      expect((await one.texts()).sort()).toEqual(texts.toSorted());
      expect(await ticks(one)).toHaveLength(texts.length / 2);
    }
    // The phone has begun after the first two.
    expect((await phone.texts()).sort()).toEqual(texts.slice(2).sort());
  });
});
