import { describe, expect, it, onTestFinished, vi } from "vitest";
import { linkOf, newCode, ownerIn, readCode, shownCode } from "../../static/src/history/code.ts";
import { seal, unseal } from "../../static/src/history/sealing.ts";

const CODE = "7K3QM0123456789ABCDEFGHJK";
const SHOWN = "7K3QM-01234-56789-ABCDE-FGHJK";

describe("the code of a history", () => {
  it("has at least 100 random bits: each of its letters is any of 32, at each place", () => {
    const codes = Array.from({ length: 2_000 }, newCode);
    const places = Array.from({ length: CODE.length }, (_, place) => new Set(codes.map((code) => code[place])));
    expect(new Set(codes.map((code) => code.length))).toEqual(new Set([CODE.length]));
    expect(new Set(places.map(({ size }) => size))).toEqual(new Set([32]));
    expect(Math.log2(32) * CODE.length).toBeGreaterThanOrEqual(100);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => readCode(shownCode(code)) !== code)).toEqual([]);
  });

  it("is shown in groups", () => {
    expect(shownCode(CODE)).toBe(SHOWN);
  });

  it("is behind the # of its link, which goes to no server", () => {
    vi.stubGlobal("location", { origin: "https://chat.example.com", pathname: "/talk/" });
    onTestFinished(() => void vi.unstubAllGlobals());
    const link = linkOf(CODE, "bob.smith");
    expect(link).toBe(`https://chat.example.com/talk/#history=${CODE}&user=bob.smith`);
    expect([readCode(link), ownerIn(link)]).toEqual([CODE, "bob.smith"]);
    // As earlier versions of the page have made it.
    const old = link.slice(0, link.indexOf("&"));
    expect([readCode(old), ownerIn(old), ownerIn(CODE)]).toEqual([CODE, undefined, undefined]);
  });

  it.each([
    ["as it is shown", SHOWN],
    ["without hyphens", CODE],
    ["in small letters", SHOWN.toLowerCase()],
    ["with spaces", ` ${SHOWN.replaceAll("-", " ")}\n`],
    ["with other hyphens", SHOWN.replace("-", "–").replace("-", "\u2011").replace("-", "−")],
    ["with underscores", SHOWN.replaceAll("-", "_")],
    ["with O for 0", SHOWN.replaceAll("0", "O").replace("O", "o")],
    ["with I and l for 1", SHOWN.replaceAll("1", "I")],
    ["with l for 1", SHOWN.replaceAll("1", "l")],
    ["in full width", [...CODE].map((letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)).join("")],
    ["as a link", `https://chat.example.com/#history=${CODE}`],
    ["as a link with more behind it", `https://chat.example.com/#a=b&history=${SHOWN}&c=d`],
  ])("is read %s", (_, typed) => {
    expect(readCode(typed)).toBe(CODE);
  });

  it.each([
    ["nothing", ""],
    ["one letter less", CODE.slice(1)],
    ["one letter more", `${CODE}0`],
    ["a letter that there is not", CODE.replace("7", "U")],
    ["another script", CODE.replace("A", "А")],
    ["a sign", CODE.replace("7", "!")],
    ["a link without it", "https://chat.example.com/#history="],
    ["a word", "password"],
  ])("is not %s", (_, typed) => {
    expect(readCode(typed)).toBeUndefined();
  });
});

describe("what is sealed by a code", () => {
  const [alice, bob] = ["0e000000-0000-4000-8000-00000000000a", "0e000000-0000-4000-8000-00000000000b"];
  const other = `8${CODE.slice(1)}`;

  it("is opened by it, for the same user, and never the same twice", async () => {
    const sealed = await Promise.all([1, 2].map(() => seal("Where it is 🎉", CODE, alice)));
    expect(sealed[0]).toMatch(/^[\w-]+$/);
    expect(sealed[0]).not.toBe(sealed[1]);
    expect(await Promise.all(sealed.map((text) => unseal(text, CODE, alice)))).toEqual([
      "Where it is 🎉",
      "Where it is 🎉",
    ]);
  });

  it("is opened by no other code, for no other user, and not if it was changed", async () => {
    const sealed = await seal("Where it is", CODE, alice);
    const changed = sealed.replace(/.$/, (last) => (last === "A" ? "g" : "A"));
    const first = sealed.replace(/^./, (letter) => (letter === "A" ? "B" : "A"));
    const tries = [
      [sealed, other, alice],
      [sealed, CODE, bob],
      [changed, CODE, alice],
      [first, CODE, alice],
      [sealed.slice(0, 20), CODE, alice],
      [sealed.slice(0, 5), CODE, alice],
      ["", CODE, alice],
      ["no base64 🎉", CODE, alice],
    ] as const satisfies (readonly [string, string, string])[];
    expect(await Promise.all(tries.map(([text, code, user]) => unseal(text, code, user)))).toEqual(
      tries.map(() => undefined),
    );
  });
});
