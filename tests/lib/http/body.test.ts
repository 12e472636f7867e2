import { describe, expect, it } from "vitest";
import { parseBody } from "../../../lib/http/body.ts";
import { problem } from "../../support/problems.ts";

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";
const parse = (body: string | Buffer, type: string | undefined) => parseBody(Buffer.from(body), type);

describe("parseBody", () => {
  it("reads a JSON object", () => {
    expect(parse('{"a":"ü","b":[1,{"c":null}]}', JSON_TYPE)).toEqual({ a: "ü", b: [1, { c: null }] });
  });

  it("reads a form", () => {
    expect(parse("a=1+2&b=%C3%BC%2B%26&c&d=&=e", FORM_TYPE)).toEqual({ a: "1 2", b: "ü+&", c: "", d: "", "": "e" });
  });

  it("leaves a question mark at a form's start where it is", () => {
    expect(parse("?a=1&b=2", FORM_TYPE)).toEqual({ "?a": "1", b: "2" });
  });

  it("knows goTalk's other names", () => {
    const fields = { token: "t", sendToId: "r" };
    expect(parse('{"Token":"t","sendTo":"r"}', JSON_TYPE)).toEqual(fields);
    expect(parse("Token=t&sendTo=r", FORM_TYPE)).toEqual(fields);
  });

  it("takes the last of fields with one name", () => {
    expect(parse('{"a":1,"a":2}', JSON_TYPE)).toEqual({ a: 2 });
    expect(parse("a=1&a=2", FORM_TYPE)).toEqual({ a: "2" });
  });

  it.each([JSON_TYPE, FORM_TYPE, "text/plain", undefined])("has no fields when it is empty (%s)", (type) => {
    expect(parse("", type)).toEqual({});
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("takes %s for a field like any other", (name) => {
    const json = parse(`{"${name}":"x"}`, JSON_TYPE);
    const form = parse(`${name}=x`, FORM_TYPE);
    for (const fields of [json, form]) {
      expect(Object.entries(fields)).toEqual([[name, "x"]]);
      expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    }
    expect(Object.prototype).not.toHaveProperty("x");
  });

  it("reads deep JSON, which nothing looks into", () => {
    expect(Object.keys(parse(`{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, JSON_TYPE))).toEqual(["a"]);
  });

  it.each(["text/plain", "", undefined, "application/json; charset=latin1", 'application/json;charset="utf-16"'])(
    "refuses the type %s",
    (type) => {
      expect(() => parse("{}", type)).toThrow(problem("unsupported_media_type"));
    },
  );

  it.each(["APPLICATION/JSON", "application/json;charset=UTF-8", 'application/json ; version=1; charset="utf-8"'])(
    "takes the type %s",
    (type) => {
      expect(parse("{}", type)).toEqual({});
    },
  );

  it.each(["{", "nul", "[]", "null", "1", '"x"', " "])("refuses %j as JSON", (text) => {
    expect(() => parse(text, JSON_TYPE)).toThrow(problem("invalid_request"));
  });

  it.each(["a=%", "a=%4", "%zz=1", "a=%FF", "a=%C3", "a=%ED%B0%80"])("refuses %j as a form", (text) => {
    expect(() => parse(text, FORM_TYPE)).toThrow(problem("invalid_request"));
  });

  it("refuses bytes that are not UTF-8", () => {
    for (const bytes of [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
      expect(() => parse(Buffer.from([...Buffer.from("a="), ...bytes]), FORM_TYPE)).toThrow(problem("invalid_request"));
    }
  });

  it.each([
    ["{", JSON_TYPE, "The body is not valid JSON."],
    ["[]", JSON_TYPE, 'The body must be a JSON object, such as {"token": "..."}.'],
    ["a=%", FORM_TYPE, "The form is not well encoded. Percent-encode each value (curl: --data-urlencode)."],
    [Buffer.from([0xff]), JSON_TYPE, "The body is not valid UTF-8."],
  ])("says what is wrong with %j", (body, type, detail) => {
    expect(() => parse(body, type)).toThrow(expect.objectContaining({ message: detail }));
  });

  it("refuses more than 64 KiB before it looks at the type", () => {
    expect(parse("a=".padEnd(65_536, "x"), FORM_TYPE)).toEqual({ a: "x".repeat(65_534) });
    const tooLarge = () => parse("x".repeat(65_537), "text/plain");
    expect(tooLarge).toThrow(problem("too_large"));
    expect(tooLarge).toThrow("The body may have 65536 bytes at most.");
  });
});
