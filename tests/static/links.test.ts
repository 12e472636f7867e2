import { describe, expect, it } from "vitest";
import { pieces } from "../../static/src/text/links.ts";

/** The links of a text: what is shown, and what it opens where that is something else. */
const linksIn = (text: string): (string | undefined)[][] =>
  pieces(text)
    .filter(({ href }) => href !== undefined)
    .map(({ text: shown, href, leadsTo }) => [
      shown,
      ...(href === shown ? [] : [href]),
      ...(leadsTo === undefined ? [] : [leadsTo]),
    ]);

const RLO = "\u202e";

describe("the links of a message", () => {
  it.each([
    ["with brackets", "https://en.wikipedia.org/wiki/Foo_(bar)", [["https://en.wikipedia.org/wiki/Foo_(bar)"]]],
    ["within brackets", "(see https://delta.example/en/)", [["https://delta.example/en/"]]],
    ["with both", "(https://en.wikipedia.org/wiki/Foo_(bar))", [["https://en.wikipedia.org/wiki/Foo_(bar)"]]],
    ["with an apostrophe and accents", "https://fr.example/L'Équipe!", [["https://fr.example/L'Équipe"]]],
    ["with square brackets", "https://example.com/a[1]", [["https://example.com/a[1]"]]],
    ["before Chinese", "https://example.com/。谢谢", [["https://example.com/"]]],
    ["behind Chinese", "见https://example.com/（注）", [["https://example.com/"]]],
    ["in wide brackets", "（https://example.com/注）", [["https://example.com/注"]]],
    ["before an ellipsis", "https://example.com/a…", [["https://example.com/a"]]],
    [
      "that ends a sentence",
      "https://example.com/a, https://svt.example! http://a.example?",
      [["https://example.com/a"], ["https://svt.example"], ["http://a.example"]],
    ],
    ["on an IPv6 host", "http://[::1]:9000/x", [["http://[::1]:9000/x"]]],
    ["on this machine", "http://localhost:9000/#a", [["http://localhost:9000/#a"]]],
    [
      "without a scheme",
      "www.example.com or example.org/x",
      [
        ["www.example.com", "https://www.example.com"],
        ["example.org/x", "https://example.org/x"],
      ],
    ],
    [
      "to mail",
      "to bob@example.com or <carol@example.com>",
      [
        ["bob@example.com", "mailto:bob@example.com"],
        ["carol@example.com", "mailto:carol@example.com"],
      ],
    ],
    ["to mail and to nobody else", "mailto:a@b.example?bcc=x@y.example", [["mailto:a@b.example"]]],
    ["with another direction in it", `https://example.com/a${RLO}gpj.exe`, [["https://example.com/a"]]],
    ["behind another direction", `${RLO}https://example.com/moc`, [["https://example.com/moc"]]],
    [
      "with an isolate or a zero width space",
      "https://a.example/\u2067b https://b.example/\u200bc",
      [["https://a.example/"], ["https://b.example/"]],
    ],
  ])("are found %s", (_, text, links) => {
    expect(linksIn(text)).toEqual(links);
    expect(
      pieces(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });

  it.each([
    ["a user before it", "https://google.com@evil.example/", "evil.example"],
    ["a password before it", "https://google.com:x@evil.example/", "evil.example"],
    ["a user that begins like it", "https://google.com@google.co/", "google.co"],
    ["letters that look like others", "https://аррӏе.com/", "xn--80ak6aa92e.com"],
    ["a number", "http://0x7f.1/", "127.0.0.1"],
  ])("say where they lead when the host has %s", (_, text, host) => {
    expect(linksIn(text)).toEqual([[text, host]]);
  });

  it.each(["https://EXAMPLE.com:8443/a", "HTTP://EXAMPLE.ORG", "https://example.com?a@b", "https://xn--r8jz45g.jp/"])(
    "say nothing where %s reads as it is",
    (text) => {
      expect(linksIn(text)).toEqual([[text]]);
    },
  );

  it.each([
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "ftp://example.com",
    "//example.com/x",
    "file.md, main.rs and readme.txt of 1.2.3",
    "http://",
    "https://example.com:99999/",
    "xhttps://example.com",
    "vbscript:x",
    "file:///etc/passwd",
  ])("are none in %s", (text) => {
    expect(pieces(text)).toEqual([{ text }]);
  });

  it.each(["(", "a@", "http://", "https://a.b/(", "www.", "a.b@", "https://a@", "1.", "http://[", "https://a.b/[("])(
    "are looked for in a long text of “%s” without trying each way to end one",
    (part) => {
      const text = part.repeat(16_384 / part.length);
      const found = pieces(text);
      expect(found.map((piece) => piece.text).join("")).toBe(text);
    },
  );
});
