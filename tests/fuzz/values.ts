import fc, { type Arbitrary } from "fast-check";

/** A field's value, before it is written as JSON or into a form. */
export type Value =
  /** The right value, which only the running service knows. */
  | { readonly kind: "right" }
  /** The right value with `text` put in, or something cut off, at a part of its length. */
  | { readonly kind: "spoiled"; readonly at: number; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  /** JSON as it stands; in a form, its text. */
  | { readonly kind: "json"; readonly json: string };

export type Field = readonly [name: string, value: Value];

/** Any sequence of UTF-16 code units: half of them are halves of surrogate pairs. */
const brokenText = fc
  .array(fc.oneof(fc.integer({ min: 0xd800, max: 0xdfff }), fc.integer({ min: 0, max: 0xffff })), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));

const longText = fc
  .tuple(fc.constantFrom("x", "ö", "😀", "\0", '"', "\u2028", "%", "+"), fc.integer({ min: 0, max: 20_000 }))
  .map(([unit, times]) => unit.repeat(times));

const names = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "token",
  "id",
  "#head",
  "user#",
  "null",
  "undefined",
];

/** Texts of every kind: printable, any code point, any code unit, at the bounds of content, and a few with a meaning. */
export const text: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }) },
  { weight: 2, arbitrary: brokenText },
  { weight: 1, arbitrary: longText },
  { weight: 1, arbitrary: fc.constantFrom("", " ", "\0", "\r\n", "\ufeff", ...names) },
);

const nested = fc
  .tuple(fc.constantFrom(["[", "]"], ['{"__proto__":', "}"], ['{"a":', "}"]), fc.integer({ min: 1, max: 3_000 }))
  .map(([[open = "", close = ""], depth]) => `${open.repeat(depth)}0${close.repeat(depth)}`);

/** JSON that is no text: any value, numbers past every bound, and deep nests. */
const json: Arbitrary<string> = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.double().map((number) => JSON.stringify(number)),
  fc.integer({ min: -5, max: 105 }).map(String),
  fc.constantFrom("1e999", "-1e999", "-0", "1E1", "9".repeat(400), "0.1e-400", "null", "true", "[]", "{}"),
  nested,
);

/** Characters that no username, id or token has: what is spoiled stays wrong, and costs no password hash. */
const spoil = fc.constantFrom(" ", "\0", "#", "é", "\n", "\ud800", "😀", "%", "");

const value: Arbitrary<Value> = fc.oneof(
  { weight: 20, arbitrary: fc.constant<Value>({ kind: "right" }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("spoiled"), at: fc.double({ min: 0, max: 1 }), text: spoil }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("text"), text }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("json"), json }) },
) as Arbitrary<Value>;

const freeText = text.map((chosen): Value => ({ kind: "text", text: chosen }));

const occurrences = fc.oneof(
  { weight: 30, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constant(2) },
);

/** Whose value is the caller's own choice. */
const FREE = new Set(["content", "newPassword", "deviceName", "name"]);

/** Ids of any time, in any case of letters. */
const anyTime = fc
  .tuple(fc.uuid({ version: 7 }), fc.boolean())
  .map(([id, isUpper]): Value => ({ kind: "text", text: isUpper ? id.toUpperCase() : id }));

/** Types that the server knows, that it does not know, and that it does not take. */
const anyType = fc
  .oneof(
    fc.constantFrom("text", "file", "edit", "deletion", "reaction", "own", "group", "group/x", "__proto__"),
    fc.stringMatching(/^[a-z0-9./+-]{1,33}$/),
  )
  .map((chosen): Value => ({ kind: "text", text: chosen }));

const anyFlag = fc.constantFrom("true", "false", "1", "null").map((json): Value => ({ kind: "json", json }));

const anyJson = (...all: unknown[]) =>
  fc.constantFrom(...all).map((one): Value => ({ kind: "json", json: JSON.stringify(one) }));

/** Keys of a push subscription: right ones, and what is nearly some. */
const P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const RIGHT_KEYS = { p256dh: P256DH, auth: "BTBZMqHH6r4Tts7J_aSIgg" };
const anyKeys = fc.oneof(
  { weight: 6, arbitrary: anyJson(RIGHT_KEYS) },
  anyJson(
    {},
    [],
    null,
    { ...RIGHT_KEYS, p256dh: `B${"A".repeat(86)}` },
    { ...RIGHT_KEYS, auth: "" },
    { keys: RIGHT_KEYS },
  ),
);
const anyMuted = anyJson([], ["g-q8nJtPzF0n8c1gmD3rD0Zk"], [""], {}, ["5f0c54a1-7d3e-4a0b-9c0e-2f6d1a7b8c90"], [[]]);

/** Addresses that the server may call, and such as it must not, in forms that only a URL's parser understands. */
const anyEndpoint = fc
  .oneof(
    { weight: 4, arbitrary: fc.constant("https://8.8.8.8/p") },
    fc.constantFrom(
      "https://[2001:4860:4860::8888]/p",
      "https://127.1/",
      "https://[::ffff:8.8.8.8]/",
      "https://0/",
      "//x",
    ),
    fc.ipV4Extended().map((host) => `https://${host}/p`),
    fc.ipV6().map((host) => `https://[${host}]/p`),
    fc.webUrl({ validSchemes: ["http", "https"], withFragments: true }),
  )
  .map((chosen): Value => ({ kind: "text", text: chosen }));

/** Fields whose right value is one of many. */
const OF_MANY: Readonly<Record<string, Arbitrary<Value>>> = {
  messageId: anyTime,
  about: anyTime,
  type: anyType,
  quiet: anyFlag,
  copies: anyFlag,
  admin: anyFlag,
  showText: anyFlag,
  endpoint: anyEndpoint,
  keys: anyKeys,
  muted: anyMuted,
};

function valueFor(name: string): Arbitrary<Value> {
  if (FREE.has(name)) return fc.oneof({ weight: 9, arbitrary: freeText }, value);
  const many = OF_MANY[name];
  return many === undefined ? value : fc.oneof(many, { weight: name === "messageId" ? 4 : 1, arbitrary: value });
}

/** A field, mostly there and mostly right; a free one is mostly any text. */
const fieldNamed = (name: string): Arbitrary<Field[]> =>
  occurrences.chain((times) =>
    fc.array(
      valueFor(name).map((it): Field => [name, it]),
      { minLength: times, maxLength: times },
    ),
  );

const stranger: Arbitrary<Field> = fc.tuple(
  fc.oneof(text, fc.constantFrom("Token", "sendTo", "TOKEN", "0", ...names)),
  value,
);

/** The fields of a body: those that the route knows, others beside them, in any order. */
export const fieldsOf = (known: readonly string[], optional: readonly string[]): Arbitrary<Field[]> =>
  fc
    .tuple(
      ...known.map(fieldNamed),
      ...optional.map((name) => fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fieldNamed(name))),
      fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(stranger, { maxLength: 3 })),
    )
    .map((parts) => parts.flat())
    .chain((fields) => fc.shuffledSubarray(fields, { minLength: fields.length }));
