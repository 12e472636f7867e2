import { expect, it } from "vitest";
import { leaksIn } from "./leaks.ts";

const secret = { kind: "content", text: 'a private "text" ✉ über\nzwei Zeilen & more' };
const other = { kind: "password", text: "another secret" };

it.each([
  ["as it is", secret.text],
  ["in JSON", JSON.stringify({ content: secret.text })],
  ["in JSON within JSON", JSON.stringify({ body: JSON.stringify({ content: secret.text }) })],
  ["in a URL", `?content=${encodeURIComponent(secret.text)}`],
  ["in a form", `content=${encodeURIComponent(secret.text).replaceAll("%20", "+")}`],
  ["in base64", Buffer.from(secret.text).toString("base64")],
  ["in base64url", Buffer.from(`${secret.text} and more`).toString("base64url")],
  ["in hexadecimal", Buffer.from(secret.text).toString("hex")],
])("a secret is found %s", (_, written) => {
  expect(leaksIn(`{"level":"ERROR"} ${written} and so on`, [secret, other])).toEqual([secret]);
});

it("each of several is found, at the start, in the midst and at the end, and what only begins like one is not", () => {
  const texts = ["a password of Ann", "a password of Bob", "a password of Carol", "a password of no one", "ÄÖÜäöü ß €"];
  const secrets = texts.map((text) => ({ kind: "password", text }));
  const [ann, bob, carol, , umlauts] = secrets;
  const printed = `${ann?.text}a password of${encodeURIComponent(umlauts?.text ?? "")}${bob?.text}${carol?.text}`;
  expect(leaksIn(printed, secrets)).toEqual([ann, bob, carol, umlauts]);
  expect(leaksIn("", secrets)).toEqual([]);
  expect(leaksIn(printed, [])).toEqual([]);
});

it("nothing is found where nothing is", () => {
  expect(leaksIn(`{"level":"ERROR","message":"a private matter"}`, [secret, other])).toEqual([]);
});
