import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import {
  CompactEncrypt,
  type CompactJWEHeaderParameters,
  EncryptJWT,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import type { TokenKey } from "../../lib/tokens/key-ring.ts";

interface Owner {
  readonly id: string;
  readonly username: string;
  /** A right token of theirs. */
  readonly token: string;
}

const HOUR = 3_600;

/** A key that was in use so long ago that its last token has expired. */
export const RETIRED: TokenKey = { kid: "retired", bytes: randomBytes(32), from: 0 };

/**
 * Tokens that must not be taken, by what is wrong with them; some could only be made by someone who has the key.
 * The session that those name does not exist either, so each rule is also tested with a session that does, in
 * `tests/lib/tokens/tokens.test.ts`.
 *
 * @param key The server's own.
 */
export async function forgeries(owner: Owner, key: Buffer): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1_000);
  const claims: JWTPayload = {
    iss: "gotalk",
    aud: "gotalk",
    sub: owner.id,
    sid: randomBytes(16).toString("base64url"),
    name: owner.username,
    iat: now,
    exp: now + HOUR,
  };
  return {
    ...(await wronglyMade(claims, key)),
    ...(await wronglyNamed(claims, key)),
    ...(await wrongClaims(claims, key)),
    ...damaged(owner.token),
  };
}

const DIRECT = { alg: "dir", enc: "A256GCM" };

export const encrypted = (
  claims: JWTPayload,
  key: Uint8Array,
  header: CompactJWEHeaderParameters = DIRECT,
): Promise<string> => new EncryptJWT(claims).setProtectedHeader(header).encrypt(key);

async function wronglyMade(claims: JWTPayload, key: Buffer): Promise<Record<string, string>> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const longKey = Buffer.concat([key, createHash("sha256").update(key).digest()]);
  const text = Buffer.from(JSON.stringify(claims));
  return {
    "with another key": await encrypted(claims, randomBytes(32)),
    "with a key of zeros": await encrypted(claims, Buffer.alloc(32)),
    "by A128GCM": await encrypted(claims, key.subarray(0, 16), { alg: "dir", enc: "A128GCM" }),
    // Its key has 32 bytes, too: it is refused by its name alone.
    "by A128CBC-HS256": await encrypted(claims, key, { alg: "dir", enc: "A128CBC-HS256" }),
    "by A256CBC-HS512": await encrypted(claims, longKey, { alg: "dir", enc: "A256CBC-HS512" }),
    "by A256KW": await encrypted(claims, key, { alg: "A256KW", enc: "A256GCM" }),
    "by A256GCMKW": await encrypted(claims, key, { alg: "A256GCMKW", enc: "A256GCM" }),
    "by a password from the key": await encrypted(claims, key, { alg: "PBES2-HS256+A128KW", enc: "A256GCM" }),
    "for an RSA key": await new EncryptJWT(claims)
      .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256GCM" })
      .encrypt(publicKey),
    "without a signature (alg none)": new UnsecuredJWT(claims).encode(),
    "a JWS by the key": await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(key),
    "a JWS by an RSA key": await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(privateKey),
    "a JWE of a text that is no JSON": await new CompactEncrypt(Buffer.from("hello"))
      .setProtectedHeader(DIRECT)
      .encrypt(key),
    "a JWE with a critical header": await new CompactEncrypt(text)
      .setProtectedHeader({ ...DIRECT, crit: ["exp"], exp: 1 })
      .encrypt(key, { crit: { exp: true } }),
  };
}

/** Tokens whose `kid` names no key, or another than the one that encrypted them. */
async function wronglyNamed(claims: JWTPayload, key: Buffer): Promise<Record<string, string>> {
  const named = (kid: unknown, by: Uint8Array = key) => encrypted(claims, by, { ...DIRECT, kid } as typeof DIRECT);
  const kids = {
    "an unknown key": "unknown1",
    "no key": "",
    "a retired key, by another": RETIRED.kid,
    "a member of every object": "__proto__",
    "a function of every object": "constructor",
    "a file": "../../dev/null",
    "a very long name": "k".repeat(900),
    null: null,
    "a number": 0,
    "a boolean": true,
    "a list": [RETIRED.kid],
    "an empty list": [],
    "an object": { kid: RETIRED.kid },
  };
  const made = Object.entries(kids).map(async ([what, kid]) => [`that names ${what}`, await named(kid)] as const);
  return {
    ...Object.fromEntries(await Promise.all(made)),
    "by a retired key": await named(RETIRED.kid, RETIRED.bytes),
  };
}

async function wrongClaims(claims: JWTPayload, key: Buffer): Promise<Record<string, string>> {
  const { exp = 0, iat = 0 } = claims;
  const without = (missing: string): JWTPayload =>
    Object.fromEntries(Object.entries(claims).filter(([name]) => name !== missing));
  const wrong: Record<string, JWTPayload> = {
    "that has expired": { ...claims, exp: iat - 1 },
    "that is not valid yet": { ...claims, nbf: exp },
    "of another issuer": { ...claims, iss: "somebody" },
    "without an issuer": without("iss"),
    "for another audience": { ...claims, aud: "others" },
    "without an audience": without("aud"),
    "without an end": without("exp"),
    "without a subject": without("sub"),
    "without a session": without("sid"),
    "without a name": without("name"),
    "with a session that is no text": { ...claims, sid: { S: "x" } },
    "with a name that is no text": { ...claims, name: [claims["name"]] },
    "with a subject that is no text": { ...claims, sub: 5 as unknown as string },
    "with a device that is no text": { ...claims, dev: { S: "x" } },
    "with a channel that is no text": { ...claims, ch: ["x"] },
    "of a session that never was": claims,
    "of a device with a key's separator": { ...claims, dev: "x#profile", ch: "../x" },
    "of a session with a key's separator": { ...claims, sid: "x#profile" },
  };
  const made = Object.entries(wrong).map(async ([what, payload]) => [what, await encrypted(payload, key)] as const);
  return Object.fromEntries(await Promise.all(made));
}

/** The right token, with something changed in it. */
function damaged(token: string): Record<string, string> {
  const [header = "", encryptedKey = "", iv = "", text = "", tag = ""] = token.split(".");
  const join = (...parts: string[]) => parts.join(".");
  const reheaded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return {
    "with a changed header": join(reheaded({ ...DIRECT, typ: "JWT" }), encryptedKey, iv, text, tag),
    "with a header that says none": join(reheaded({ alg: "none" }), encryptedKey, iv, text, tag),
    "with an encrypted key": join(header, "AAAA", iv, text, tag),
    "with a changed nonce": join(header, encryptedKey, flipped(iv), text, tag),
    "with a changed text": join(header, encryptedKey, iv, flipped(text), tag),
    "with a changed tag": join(header, encryptedKey, iv, text, flipped(tag)),
    "with a short tag": join(header, encryptedKey, iv, text, tag.slice(0, 11)),
    "without a tag": join(header, encryptedKey, iv, text, ""),
    "cut in the middle": token.slice(0, token.length / 2),
    "cut at the end": token.slice(0, -2),
    "cut at the start": token.slice(1),
    "twice over": token + token,
    "with a part more": `${token}.AAAA`,
    "1 MB long": token.padEnd(1_048_576, "A"),
    "10 KB long": token.padEnd(10_000, "A"),
    "not in ASCII": token.replace(".", "。"),
    "with NUL": `\0${token}`,
    "with a line break": token.replace("..", ".\n."),
    "a word": "token",
    "of dots": "....",
  };
}

/** The first character changed: the last one may hold spare bits. */
const flipped = (part: string): string => (part.startsWith("A") ? "B" : "A") + part.slice(1);
