import { describe, expect, it } from "vitest";
import {
  BlockParameters,
  DeleteAccountBody,
  FindParameters,
  LoginBody,
  LogoutBody,
  OwnDeviceBody,
  OwnParameters,
  PasswordBody,
  ProofFrame,
  RegisterBody,
  SendBody,
  SessionParameters,
  SyncBody,
  validate,
} from "../../../lib/http/schemas.ts";
import type { GoTalkError } from "../../../lib/runtime/errors.ts";
import { problem } from "../../support/problems.ts";

type Schema = Parameters<typeof validate>[0];

const UUID = "0195f3a0-0000-7000-8000-0123456789ab";
const USER = "0195f3a0-1234-4000-9000-0123456789ab";
const SESSION = "the id of a session (GET /sessions lists them)";
const send = { id: "i", sendToId: "r", content: "x" };

/** With a digit too few, with one too many, and with what is no digit, in each of its parts. */
const brokenIn = (uuid: string): string[] => {
  const parts = uuid.split("-");
  return parts.flatMap((text, part) =>
    [text.slice(0, -1), `${text}0`, `${text.slice(0, -1)}g`].map((other) => parts.with(part, other).join("-")),
  );
};

/** What is wrong with one field, in the words of the answer; undefined when nothing is. */
function complaint(schema: Schema, fields: object): string | undefined {
  try {
    validate(schema, fields);
    return undefined;
  } catch (error) {
    expect(error).toEqual(problem("invalid_request"));
    return (error as GoTalkError).message;
  }
}

/** Each field with a request that lacks it. */
const FIELDS: Readonly<Record<string, [schema: Schema, rest: object]>> = {
  token: [ProofFrame, { id: "i" }],
  id: [ProofFrame, {}],
  username: [LoginBody, { password: "a password" }],
  password: [RegisterBody, { username: "ann" }],
  newPassword: [PasswordBody, { id: "i", password: "a password" }],
  knownPassword: [LoginBody, { username: "ann" }],
  inviteCode: [RegisterBody, { username: "ann", password: "a password" }],
  sessionId: [SessionParameters, {}],
  deviceId: [LoginBody, { username: "ann", password: "a password" }],
  replaceDeviceId: [LoginBody, { username: "ann", password: "a password" }],
  deviceName: [OwnDeviceBody, { id: "i", loginId: "l".repeat(16) }],
  loginId: [OwnDeviceBody, { id: "i", deviceName: "Laptop" }],
  userId: [BlockParameters, {}],
  content: [SendBody, { id: "i", sendToId: "r" }],
  sendToId: [SendBody, { id: "i", content: "x" }],
  messageId: [SendBody, send],
  about: [SendBody, send],
  type: [SendBody, send],
  quiet: [SendBody, send],
  copies: [SendBody, send],
  ack: [SyncBody, { id: "i" }],
  limit: [SyncBody, { id: "i" }],
};

/** What a field is called, where two routes have different rules for it. */
const NAMES: Readonly<Record<string, string>> = { knownPassword: "password" };

const complaintAt = (field: string, value: unknown): string | undefined => {
  const [schema, rest] = FIELDS[field] as [Schema, object];
  return complaint(schema, { ...rest, [NAMES[field] ?? field]: value });
};

/** Seven and a hundred letters, as one keyboard writes them and as another does. */
const [SEVEN, HUNDRED] = ["\u00e9".repeat(7), "\u00e9".repeat(100)];
const [SEVEN_IN_14, HUNDRED_IN_200] = [SEVEN.normalize("NFD"), HUNDRED.normalize("NFD")];

describe("a field", () => {
  it.each([
    ["token", ["", "x"]],
    ["id", ["x"]],
    ["username", ["abc", "a".repeat(32), "A.b_c-9", "000"]],
    ["password", ["8 chars!", "p".repeat(128), "🔑".repeat(8), "🔑".repeat(128)]],
    ["newPassword", ["8 chars!", "p".repeat(128), "🔑".repeat(8), "🔑".repeat(128)]],
    ["newPassword", [HUNDRED, HUNDRED_IN_200, " ".repeat(8)]],
    ["knownPassword", ["8 chars!", "p".repeat(128), HUNDRED, HUNDRED_IN_200, SEVEN, SEVEN_IN_14, "ﬁ".repeat(100)]],
    ["knownPassword", ["line\nbreak", "with a \0"]],
    ["inviteCode", ["0", "Z", "a-b c", "x".repeat(64)]],
    ["sessionId", ["-_aZ09".padEnd(22, "x")]],
    ["deviceId", ["a", "-_aZ09".padEnd(64, "x"), "shared"]],
    ["replaceDeviceId", ["a", "-_aZ09".padEnd(64, "x"), "shared"]],
    ["deviceName", ["x", "Firefox on Linux", "🦊".repeat(64), " x "]],
    ["loginId", ["-_aZ09".padEnd(16, "x"), "x".repeat(64)]],
    ["userId", [USER, USER.toUpperCase()]],
    ["content", ["x", "\u0000x", "😀", " . ", "\u0301"]],
    ["sendToId", ["", "x"]],
    ["messageId", [UUID, UUID.toUpperCase(), ...[..."89ab"].map((variant) => UUID.replace("-8000", `-${variant}fff`))]],
    ["ack", ["a", "Z", "0", "9", "_", "-", "x".repeat(64)]],
    ["limit", [1, 100, "1", "99", "100", "007"]],
  ])("%s is taken as any of %j", (field, values) => {
    for (const value of values) expect(complaintAt(field, value), String(value)).toBeUndefined();
  });

  it.each([
    ["token", "must be the token that the login returned", [5, null]],
    ["id", "must be a string: your user id, as the login returned it", [5, null]],
    ["id", "must not be empty", [""]],
    ["username", "must be a string: the username", [5, null]],
    [
      "username",
      "must have 3 to 32 characters of a-z 0-9 . _ -",
      ["", "ab", "a".repeat(33), "ann bob", "änne", "\u212aate", "ann\n", "\nann", "ann#", "#ann", "a,b", "a/b"],
    ],
    ["password", "must be a string: the password", [5, null]],
    [
      "password",
      "must have 8 to 128 characters",
      ["", "7 chars", "🔑".repeat(7), "p".repeat(129), "🔑".repeat(129), "password\ud83d"],
    ],
    ["newPassword", "must be a string: the password that you want", [5, null]],
    ["newPassword", "must have 8 to 128 characters", ["", "7 chars", "p".repeat(129), "password\ud83d"]],
    ["newPassword", "must have 8 to 128 characters", [SEVEN, SEVEN_IN_14, "ﬁ".repeat(7), "ﬁ".repeat(65)]],
    ["knownPassword", "must have 8 to 128 characters", ["7 chars", "ﷺ".repeat(129), "p".repeat(129), "password\ud83d"]],
    [
      "newPassword",
      "must not contain line breaks or other control characters",
      ["a password\n", "a password\r", "\ta password", "a pass\0word", "a pass\u0085word"],
    ],
    ["password", "must not contain line breaks or other control characters", ["a password\n"]],
    ["inviteCode", "must be the invite code that you got", [5, null, "", "x".repeat(65), "a_b", "ä", "_ab", "ab\n"]],
    ["sessionId", `must be a string: ${SESSION}`, [5, null]],
    [
      "sessionId",
      "must be the id of a session (GET /sessions lists them)",
      ["", "x".repeat(21), "x".repeat(23), `${"x".repeat(21)} `, ` ${"x".repeat(21)}`, `${"x".repeat(21)}ä`],
    ],
    [
      "deviceId",
      "must be the deviceId that your last login returned, of 1 to 64 characters of A-Z a-z 0-9 _ -",
      [5, null, "", "x".repeat(65), "a b", "a#b", "ä", "x\n"],
    ],
    [
      "replaceDeviceId",
      "must be the id of a device (GET /devices lists them), of 1 to 64 characters of A-Z a-z 0-9 _ -",
      [5, null, "", "x".repeat(65), "a b"],
    ],
    [
      "deviceName",
      "must have 1 to 64 visible characters on one line",
      [5, null, "", " ", "\u200b", "a\nb", "a\0", "a\ud83d", "🦊".repeat(65)],
    ],
    [
      "loginId",
      "must be 16 to 64 random characters of A-Z a-z 0-9 _ -, the same in each repeat of this request",
      [5, null, "", "x".repeat(15), "x".repeat(65), "a b".repeat(6), `${"x".repeat(16)}\n`],
    ],
    ["userId", "must be a string: the user's id (GET /users/{username} finds it)", [5, null]],
    ["userId", "must be a user's id", ["", ` ${USER}`, `${USER} `, ...brokenIn(USER)]],
    ["content", "must be a string: the text of the message", [5, null]],
    ["content", "must not be empty", [""]],
    ["content", "must be well-formed Unicode: it holds half a surrogate pair", ["x\udc00"]],
    ["content", "must not consist of invisible characters only", [" ", "\n", "\u0000", "\u200b\u3164"]],
    ["sendToId", "must be a string: the receiver's user id (GET /users/{username} finds it)", [5, null]],
    [
      "messageId",
      "must be a UUIDv7",
      [
        5,
        null,
        "",
        ` ${UUID}`,
        `${UUID} `,
        UUID.replaceAll("-", ""),
        UUID.replace("-7000", "-4000"),
        UUID.replace("-8000", "-7000"),
        UUID.replace("-8000", "-c000"),
        ...brokenIn(UUID),
      ],
    ],
    [
      "about",
      "must be a UUIDv7",
      [5, null, "", ` ${UUID}`, `${UUID} `, UUID.replace("-7000", "-4000"), ...brokenIn(UUID)],
    ],
    [
      "type",
      "must have 1 to 32 characters of a-z 0-9 - / . +, and must not be group, which comes from the server alone",
      [5, null, "", "A", "a b", "a_b", " a", "a ", "a\n", "ä", "x".repeat(33), "group"],
    ],
    ["quiet", "must be true or false", [5, null, "", "yes", "TRUE", " true", "true ", [true]]],
    ["copies", "must be true or false", [5, null, "", "yes", "FALSE", " false", "false ", [false]]],
    ["ack", "must be the last receipt that you got", [5, null]],
    ["ack", "must have 1 to 64 characters of A-Z a-z 0-9 _ -", ["", "x".repeat(65), "a b", " a", "a ", "a.b", "ä"]],
    [
      "limit",
      "must be a whole number from 1 to 100",
      [0, 101, 1.5, -1, Number.NaN, "", "0", "101", "1.5", "-1", "1000", "0001", " 1", "1 ", "x", null, true],
    ],
  ])("%s %s: none of %j is taken", (field, detail, values) => {
    for (const value of values)
      expect(complaintAt(field, value), String(value)).toBe(`${NAMES[field] ?? field} ${detail}`);
  });

  it.each([
    ["id", "your user id, as the login returned it"],
    ["username", "the username"],
    ["password", "the password"],
    ["newPassword", "the password that you want"],
    ["sessionId", SESSION],
    ["userId", "the user's id (GET /users/{username} finds it)"],
    ["content", "the text of the message"],
    ["sendToId", "the receiver's user id (GET /users/{username} finds it)"],
  ])("%s is required, and what it is gets told", (field, what) => {
    expect(complaintAt(field, undefined)).toBe(`${field} is required: ${what}`);
  });

  it.each(["quiet", "copies"])("%s comes as text from a form", (field) => {
    const taken = ["true", "false", true, false].map((value) => validate(SendBody, { ...send, [field]: value }));
    expect(taken).toEqual([true, false, true, false].map((value) => ({ ...send, [field]: value })));
  });

  it.each(["a", "groups", "group/x", "agroup", "x".repeat(32), "09az-/.+"])("type %s is taken", (type) => {
    expect(complaint(SendBody, { ...send, type })).toBeUndefined();
  });

  it("the content is as its type has it", () => {
    const faults = [
      [undefined, "content must not be empty", "content must not consist of invisible characters only"],
      ["text", "content must not be empty", "content must not consist of invisible characters only"],
      ["edit", "content must not be empty", "content must not consist of invisible characters only"],
      ["file", "content must not be empty", undefined],
      ["deletion", undefined, undefined],
      ["texts", undefined, undefined],
    ] as const;
    for (const [type, empty, blank] of faults) {
      expect(complaint(SendBody, { ...send, type, content: "" }), type).toBe(empty);
      expect(complaint(SendBody, { ...send, type, content: " \u200b" }), type).toBe(blank);
    }
  });

  it("a wrong content is told beside what else is wrong, and once", () => {
    expect(complaint(SendBody, { sendToId: "r", content: "", messageId: 5 })).toBe(
      "id is required: your user id, as the login returned it; messageId must be a UUIDv7; content must not be empty",
    );
    expect(complaint(SendBody, { ...send, type: 5, content: "" })).toMatch(/^type must have[^;]*$/);
    expect(complaint(SendBody, { ...send, type: 5, content: " " })).toMatch(/^type must have[^;]*$/);
    expect(complaint(SendBody, { ...send, content: 5 })).toBe("content must be a string: the text of the message");
    for (const content of [[], [""], [" "]]) {
      expect(complaint(SendBody, { ...send, content })).toBe("content must be a string: the text of the message");
    }
    for (const none of [undefined, null]) expect(complaint(SendBody, none as unknown as object)).toMatch(/.+/);
  });

  const OPTIONAL = [
    "type",
    "about",
    "quiet",
    "copies",
    "token",
    "messageId",
    "ack",
    "limit",
    "inviteCode",
    "deviceId",
    "replaceDeviceId",
  ];
  it.each(OPTIONAL)("%s may be left out", (field) => {
    expect(complaintAt(field, undefined)).toBeUndefined();
  });

  it("reaches the route, and no other field does", () => {
    const all = { token: "t", username: "ann", password: "a password", extra: 1, ...send };
    const sync = { ack: "a", limit: 5 };
    const envelope = { type: "file", about: UUID, quiet: true, copies: false };
    expect(validate(SendBody, { ...all, ...envelope, messageId: UUID })).toStrictEqual({
      ...send,
      ...envelope,
      token: "t",
      username: "ann",
      messageId: UUID,
    });
    expect(validate(SyncBody, { ...all, ...sync })).toStrictEqual({ token: "t", id: "i", username: "ann", ...sync });
    expect(validate(LoginBody, { ...all, earlierToken: "e" })).toStrictEqual({
      username: "ann",
      password: "a password",
      earlierToken: "e",
    });
    const passwords = { password: "a password", newPassword: "another one" };
    const own = { token: "t", id: "i", username: "ann" };
    expect(validate(RegisterBody, { ...all, inviteCode: "a" })).toStrictEqual({
      username: "ann",
      password: "a password",
      inviteCode: "a",
    });
    expect(validate(PasswordBody, { ...all, ...passwords })).toStrictEqual({ ...own, ...passwords });
    expect(validate(DeleteAccountBody, all)).toStrictEqual({ ...own, password: "a password" });
    expect(validate(LogoutBody, all)).toStrictEqual(own);
    expect(validate(OwnParameters, all)).toStrictEqual({ token: "t" });
    const sessionId = "s".repeat(22);
    expect(validate(SessionParameters, { ...all, sessionId })).toStrictEqual({ token: "t", sessionId });
    expect(validate(BlockParameters, { ...all, userId: USER.toUpperCase() })).toStrictEqual({
      token: "t",
      userId: USER,
    });
    expect(validate(ProofFrame, all)).toStrictEqual({ token: "t", id: "i" });
    expect(validate(FindParameters, all)).toStrictEqual({ token: "t", username: "ann" });
  });

  it("of the sender's name is looked at where it comes", () => {
    const fields = { ...send, password: "a password", newPassword: "another one" };
    for (const schema of [SendBody, SyncBody, LogoutBody, PasswordBody, DeleteAccountBody]) {
      expect(complaint(schema, { ...fields, username: "x" })).toMatch(/^username must have/);
      expect(validate(schema, { ...fields, username: "ANN" })).toMatchObject({ username: "ann" });
      expect(complaint(schema, fields)).toBeUndefined();
    }
  });
});
