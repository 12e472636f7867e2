import { describe, expect, it } from "vitest";
import { WAIT } from "../support/eventually.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { usePage } from "../support/page/fixture.ts";

const HOSTILE = [
  '<img src=x onerror="document.title=1"><script>document.title=1</script>',
  "<b>bold</b> &amp; &lt;i&gt;",
  "javascript:alert(1) data:text/html,<script>alert(1)</script>",
  "שלום עולם, مرحبا بالعالم",
  "\u202Eright to left override",
  "  spaces,\n\nlines\tand tabs  ",
  "👩‍👩‍👧‍👦 é e\u0301 \u0000 end",
  "x".repeat(16_384),
];

/** As a browser is that knows no `field-sizing`. */
function withoutFieldSizing(): void {
  const supports = CSS.supports.bind(CSS);
  CSS.supports = (...query: [string, string?]) => query[0] !== "field-sizing" && supports(...(query as [string]));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("textarea { field-sizing: fixed !important; }");
  document.adoptedStyleSheets.push(sheet);
}

describe("content", () => {
  const { visitor, stranger, client } = usePage();

  it("is text, whatever it looks like", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    for (const content of HOSTILE) await bob.send({ to: id, content });
    // What arrives while she reads at the first unread one stays unread below it, as it should.
    await alice.conversations.getByText(`${HOSTILE.length} unread`).waitFor();
    await alice.conversations.getByRole("button").click();
    await alice.message("x".repeat(16_384)).waitFor();
    // HTML has no NUL: the browser shows it as it shows what it cannot show.
    expect(await alice.texts()).toEqual(HOSTILE);
    expect(await alice.log.locator("img, script, b, i, a").count()).toBe(0);
    // They count as unread for a moment, until they are marked as read.
    await expect.poll(() => alice.page.title(), WAIT).toBe("goTalk");
    const isWide = await alice.log.evaluate((log) => log.scrollWidth > log.clientWidth);
    expect(isWide).toBe(false);
  });

  it("runs from right to left where its letters do", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, content: "שלום" });
    await alice.conversations.getByRole("button").click();
    const direction = () =>
      alice.log
        .locator(".text")
        .last()
        .evaluate((text) => getComputedStyle(text).direction);
    await expect.poll(direction, WAIT).toBe("rtl");
    // A link at its beginning does not decide it.
    await bob.send({ to: (await bob.find(alice.username)).id, content: "https://example.com שלום" });
    await alice.message("https://example.com").waitFor();
    await expect.poll(direction, WAIT).toBe("rtl");
  });

  it("is drawn before its links are found, and nothing moves or is announced when they are", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const to = (await bob.find(alice.username)).id;
    await bob.send({ to, content: `See https://example.com/a ${"and so on ".repeat(20)}` });
    await alice.conversations.getByText("See").waitFor();
    const restore = await cutOff(alice.page, /\/assets\/links-[^/]+\.js/);
    await alice.conversations.getByRole("button").click();
    await alice.message("See https://example.com/a").waitFor();
    const links = alice.log.getByRole("link");
    expect(await links.count()).toBe(0);
    const size = () => {
      const text = alice.message("See https://example.com/a").locator(".text");
      return text.evaluate(({ offsetWidth, offsetHeight }: HTMLElement) => [offsetWidth, offsetHeight]);
    };
    const before = await size();
    await alice.page.locator('[role=log][aria-live="polite"]').waitFor();
    // Whether the log is live at the moment at which a link appears.
    await alice.log.evaluate((log) => {
      const look = () => Reflect.set(globalThis, "live", log.getAttribute("aria-live"));
      new MutationObserver(look).observe(log.querySelector(".text") ?? log, { childList: true });
    });
    restore();
    await bob.send({ to, content: "and https://example.com/b" });
    for (const name of ["https://example.com/a", "https://example.com/b"])
      await alice.log.getByRole("link", { name }).waitFor();
    expect(await alice.page.evaluate(() => Reflect.get(globalThis, "live"))).toBe("off");
    expect(await size()).toEqual(before);
  });

  it("has links to web and mail addresses, which tell nothing of where they are", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const content =
      "See https://example.com/a?b=1&c=(2). Not javascript:alert(1), ftp://example.com, http://, but HTTP://EXAMPLE.ORG! Or bob@example.com.";
    await bob.send({ to: (await bob.find(alice.username)).id, content });
    await alice.conversations.getByRole("button").click();
    const links = alice.log.getByRole("link");
    await links.first().waitFor();
    const hrefs = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    expect(hrefs).toEqual(["https://example.com/a?b=1&c=(2)", "HTTP://EXAMPLE.ORG", "mailto:bob@example.com"]);
    expect(await links.first().getAttribute("rel")).toBe("noopener noreferrer nofollow ugc");
    expect(await alice.texts()).toEqual([content]);
  });

  it("shows where a link leads that reads like another one", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, content: "\u202Ehttps://google.com@evil.example/ and https://example.com/\u202Emoc" });
    await alice.conversations.getByRole("button").click();
    await alice.log.getByText("(opens evil.example)").waitFor();
    const links = await alice.log
      .getByRole("link")
      .evaluateAll((all) =>
        all.map((link) => [
          link.getAttribute("href"),
          getComputedStyle(link).unicodeBidi,
          getComputedStyle(link).direction,
        ]),
      );
    // Each by itself, whatever the text around it does.
    expect(links).toEqual([
      ["https://google.com@evil.example/", "isolate", "ltr"],
      ["https://example.com/", "isolate", "ltr"],
    ]);
  });

  it("paints over no other message, however many marks are stacked on a letter", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, content: "Above" });
    // Marks that the fonts of browsers stack.
    await bob.send({ to: id, content: `a${"\u0308".repeat(400)}` });
    await alice.conversations.getByRole("button").click();
    const stacked = alice.message("a\u0308");
    await stacked.waitFor();
    const above = alice.message("Above");
    const look = () => above.screenshot({ animations: "disabled" });
    const before = await look();
    // Without the stacked message, the one above it looks the same.
    await stacked.evaluate((message) => message.style.setProperty("visibility", "hidden"));
    expect((await look()).equals(before)).toBe(true);
  });

  it("is previewed in its own direction behind “You: ”, and never cut within a character", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("שלום, מה שלומך?");
    const line = alice.conversations.getByRole("button");
    const [you, said] = [line.getByText("You:"), line.getByText("שלום, מה שלומך?")];
    expect(await said.evaluate((part) => getComputedStyle(part).direction)).toBe("rtl");
    expect((await you.boundingBox())?.x).toBeLessThan((await said.boundingBox())?.x ?? 0);
    await alice.sendForSure("👩‍👩‍👧‍👦".repeat(130));
    expect(await line.locator(".said").textContent()).toBe(`${"👩‍👩‍👧‍👦".repeat(120)}…`);
    await alice.to.fill("👩‍👩‍👧‍👦 Bob");
    await alice.page.getByRole("heading", { name: "New conversation" }).waitFor();
    expect(await alice.page.locator(".pane .avatar").textContent()).toBe("👩‍👩‍👧‍👦");
  });

  it("is not sent when nothing of it can be seen, by the page or by anybody", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    for (const blank of [" \n", "\u200b", "\u3164", "\u2800\u202e"]) {
      await alice.box.fill(blank);
      expect(await alice.button("Send").isDisabled()).toBe(true);
      await alice.box.press("Enter");
      expect(await alice.box.inputValue()).toBe(blank);
    }
    await alice.sendForSure("👍\u{1f3fd}");
    const { id } = await bob.find(alice.username);
    await expect(bob.send({ to: id, content: "\u3164" })).rejects.toMatchObject({
      status: 400,
      fields: [{ field: "content", detail: "must not consist of invisible characters only" }],
    });
    expect(await alice.texts()).toEqual(["👍\u{1f3fd}"]);
  });

  it.each([
    ["by itself", undefined],
    ["by the page where the browser cannot", withoutFieldSizing],
  ])("has room while it is written: the box grows %s, up to its bound, and shrinks again", async (_, prepare) => {
    const [alice, bob] = await Promise.all([stranger("alice"), client("bob")]);
    if (prepare) await alice.page.addInitScript(prepare);
    await alice.register();
    await alice.talkTo(bob.session?.username ?? "");
    expect(await alice.box.evaluate((box) => getComputedStyle(box).getPropertyValue("field-sizing"))).toBe(
      prepare ? "fixed" : "content",
    );
    const heights = [];
    for (const text of ["", "one", "one\ntwo", "one\ntwo\nthree", "line\n".repeat(60), ""]) {
      await alice.box.fill(text);
      heights.push(await alice.box.evaluate(({ clientHeight }) => clientHeight));
    }
    const [empty = 0, one = 0, two = 0, three = 0, many = 0, emptied] = heights;
    expect(one).toBe(empty);
    expect(two - one).toBeGreaterThan(15);
    expect(Math.abs(three - two - (two - one))).toBeLessThan(2);
    // 14 rem, as the style says, with the border.
    expect(many).toBe(14 * 16 - 2);
    expect(emptied).toBe(empty);
  });
});
