import fc, { type Arbitrary } from "fast-check";
import { type Field, text, type Value } from "./values.ts";

/** What is right for each field of a route, at the moment that it is asked for. */
export type Rights = Readonly<Record<string, () => string>>;

export interface Body {
  readonly fields: readonly Field[];
  readonly form: boolean;
  /** Each character as an escape, where its language has one. */
  readonly escaped: boolean;
  /** What happens to the written body. */
  readonly damage: Damage;
}

type Damage =
  | { readonly kind: "none" }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "replace"; readonly bytes: Uint8Array }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "pad"; readonly bytes: number };

const part = fc.double({ min: 0, max: 1 });

const damage: Arbitrary<Damage> = fc.oneof(
  { weight: 40, arbitrary: fc.constant<Damage>({ kind: "none" }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut"), at: part }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("insert"), at: part, bytes: fc.uint8Array({ maxLength: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("replace"), bytes: fc.uint8Array({ maxLength: 200 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("text"), text: fc.oneof(fc.json(), text) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pad"), bytes: fc.integer({ min: 60_000, max: 70_000 }) }) },
) as Arbitrary<Damage>;

export const bodyOf = (fields: Arbitrary<Field[]>): Arbitrary<Body> =>
  fc.record({
    fields,
    form: fc.boolean(),
    escaped: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    damage,
  });

/** The bytes of a body. */
export function write({ fields, form, escaped, damage }: Body, rights: Rights): Buffer {
  const written = fields.map(([name, value]) =>
    form ? asForm(name, value, rights) : asJson(name, value, rights, escaped),
  );
  return harm(Buffer.from(form ? written.join("&") : `{${written.join(",")}}`), damage);
}

function harm(body: Buffer, damage: Damage): Buffer {
  switch (damage.kind) {
    case "none":
      return body;
    case "cut":
      return body.subarray(0, body.length * damage.at);
    case "insert": {
      const at = body.length * damage.at;
      return Buffer.concat([body.subarray(0, at), damage.bytes, body.subarray(at)]);
    }
    case "replace":
      return Buffer.from(damage.bytes);
    case "text":
      return Buffer.from(damage.text);
    case "pad":
      return Buffer.concat([body, Buffer.alloc(Math.max(0, damage.bytes - body.length), " ")]);
  }
}

function textOf(name: string, value: Value, rights: Rights): string {
  if (value.kind === "json") return value.json;
  if (value.kind === "text") return value.text;
  const right = (Object.hasOwn(rights, name) && rights[name]?.()) || name;
  if (value.kind === "right") return right;
  const at = Math.floor(right.length * value.at);
  return right.slice(0, at) + value.text + right.slice(value.text === "" ? at + 1 : at);
}

function asJson(name: string, value: Value, rights: Rights, escaped: boolean): string {
  const quote = (plain: string) => (escaped ? escapeAll(plain) : JSON.stringify(plain));
  return `${quote(name)}:${value.kind === "json" ? value.json : quote(textOf(name, value, rights))}`;
}

const escapeAll = (plain: string): string =>
  `"${plain
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("")}"`;

const asForm = (name: string, value: Value, rights: Rights): string =>
  `${percent(name)}=${percent(textOf(name, value, rights))}`;

/** Half a surrogate pair cannot be written in a form: the escapes that a careless client would make of it. */
const percent = (plain: string): string =>
  plain.isWellFormed()
    ? encodeURIComponent(plain)
    : [...plain].map((one) => (one.isWellFormed() ? encodeURIComponent(one) : "%ED%A0%80")).join("");
