import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { checkMessageIdTime } from "../../lib/channel/message-id-time.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { PROBLEMS, type ProblemCode } from "../../lib/contract/problems.ts";
import { ROUTE_KEYS } from "../../lib/contract/routes.ts";
import { blockedBy, refusalError, unknownUser } from "../../lib/groups/group-refusals.ts";
import { openApi, requestSchemas } from "../../lib/openapi/document.ts";
import { PROBLEM_CODES } from "../../lib/openapi/problems.ts";
import { schemaOf } from "../../lib/openapi/schema-of.ts";
import { GoTalkError } from "../../lib/runtime/errors.ts";
import { declaredRoutes } from "../support/declared.ts";
import { checkAgainstDocument, DOCUMENT } from "../support/documented.ts";
import { messageIdAt } from "../support/message-ids.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** The examples of problems. */
interface Documented {
  readonly paths: Record<string, Record<string, { responses: Record<string, WithExamples> }>>;
}

interface WithExamples {
  readonly content: Record<string, { examples: Record<string, { value: { detail: string } }> }>;
}

describe("the OpenAPI document", () => {
  it("is what the schemas make: npm run openapi writes it anew", () => {
    expect(DOCUMENT).toEqual(JSON.parse(JSON.stringify(openApi(JSON.parse(read("package.json")).version))));
  });

  it("has every route of the contract and of serverless.yml, and no other", () => {
    const documented = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(declaredRoutes().sort());
    expect(documented).toEqual(ROUTE_KEYS.toSorted());
  });

  it("has every problem that there is, but for those of no route", () => {
    const apart = ["not_found", "method_not_allowed", "unknown_host"];
    expect([...PROBLEM_CODES, ...apart].sort()).toEqual(Object.keys(PROBLEMS).sort());
    const text = JSON.stringify(DOCUMENT.paths);
    for (const code of PROBLEM_CODES) expect(text, code).toContain(`"code":"${code}"`);
  });

  describe("says of each field what the validation does", () => {
    const USER_ID = "5f0c54a1-7d3e-4a0b-9c0e-2f6d1a7b8c90";
    const good = "0198c0de-abcd-7abc-babc-abcdefabcdef";
    const VALUES: Readonly<Record<string, readonly unknown[]>> = {
      token: ["x", 1, null],
      earlierToken: ["x", "", 1, null],
      id: ["x", "", 1],
      username: ["bob", "BOB", "a.b_c-d", "ab", "a b", "x".repeat(32), "x".repeat(33), "änne", 7],
      password: ["8 chars!", "7 chars", "p".repeat(128), "p".repeat(129), "🔑".repeat(8), "🔑".repeat(7), 12345678],
      newPassword: ["8 chars!", "7 chars", "🔑".repeat(128), "🔑".repeat(129)],
      inviteCode: ["7KQ2-M9XD", "7kq2 m9xd", "", "a_b", "x".repeat(65)],
      sendToId: ["x", "", 3],
      content: ["x", "", 1, "x".repeat(16_384)],
      // Of this type a content may be empty.
      type: ["reaction", "a/b.c+d-1", "", "A", "a b", "x".repeat(32), "x".repeat(33), "group", 1],
      about: [good, good.toUpperCase(), "7", 1],
      quiet: [true, false, "yes", 1, null],
      copies: [false, true, "yes", 1, null],
      messageId: [good, good.toUpperCase(), "7", "00000000-0000-4000-8000-000000000000", 1],
      ack: ["a", "A-_9", "", "x".repeat(64), "x".repeat(65), "a b", 4],
      sessionId: ["Zk2bqJtPzF0n8c1gmD3rD0", "short", "", 1],
      userId: ["5f0c54a1-7d3e-4a0b-9c0e-2f6d1a7b8c90", "5F0C54A1-7D3E-4A0B-9C0E-2F6D1A7B8C90", "bob", 1],
      deviceId: ["Zk2bqJtPzF0n8c1gmD3rD0", "shared", "", "a b", "x".repeat(64), "x".repeat(65), 1],
      replaceDeviceId: ["shared", "", "a b", "x".repeat(65), 1],
      deviceName: ["Laptop", "🦊 at home", "two\r\nlines", "two\u0085lines", "", "x".repeat(64), "x".repeat(65), 1],
      loginId: ["x".repeat(16), "A-_9".repeat(16), "x".repeat(15), "x".repeat(65), "a b".repeat(6), 1],
      limit: [1, 100, 0, 101, 1.5, -1, true],
      groupId: ["g-Zk2bqJtPzF0n8c1gmD3rD0", "Zk2bqJtPzF0n8c1gmD3rD0", "g-", "", 1],
      name: [
        "Climbing",
        "🧗",
        "two\nlines",
        "two\u2028lines",
        "\u202eturned",
        "closed\u2069",
        "\u200fmark",
        "",
        "x".repeat(64),
        "x".repeat(65),
        1,
      ],
      members: [
        [USER_ID],
        [USER_ID, USER_ID.toUpperCase()],
        Array(99).fill(USER_ID),
        [],
        ["x"],
        Array(100).fill(USER_ID),
        1,
      ],
      groupKey: ["x".repeat(16), "A-_9".repeat(16), "x".repeat(15), "x".repeat(65), "a b".repeat(6), 1],
      admin: [true, false, 1, null],
      fileId: ["Zk2bqJtPzF0n8c1gmD3rD0", "", 1],
      bytes: [16, 1, 0, -1, 1.5, 2 ** 53, true, null],
      sha256: [
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
        "A".repeat(43),
        "",
        1,
      ],
      endpoint: [
        "https://push.example/p",
        "HTTPS://push.example",
        "http://push.example",
        "",
        `https://${"x".repeat(1_017)}`,
        1,
      ],
      keys: [
        {
          p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
          auth: "BTBZMqHH6r4Tts7J_aSIgg",
        },
        {},
        { p256dh: "B", auth: "A" },
        1,
      ],
      showText: [false, true, "yes", 1, null],
      muted: [[], [USER_ID, "g-Zk2bqJtPzF0n8c1gmD3rD0"], ["x"], Array(201).fill(USER_ID), 1],
      code: ["g-Zk2bqJtPzF0n8c1gmD3rD0.Zk2bqJtPzF0n8c1gmD3rD0", "a", "", "a b", "x".repeat(65), 1],
    };

    it.each(Object.entries(requestSchemas()))("%s", (_, schema) => {
      const document = schemaOf(schema);
      const validate = new Ajv2020({ strict: false }).compile(document);
      const names = Object.keys(document["properties"] as object);
      const base = Object.fromEntries(names.map((name) => [name, VALUES[name]?.[0]]));
      for (const name of names) {
        expect(VALUES[name]?.length, name).toBeGreaterThan(1);
        for (const value of [...(VALUES[name] ?? []), undefined]) {
          const body = JSON.parse(JSON.stringify({ ...base, [name]: value }));
          expect(validate(body), `${name}: ${String(value)}`).toBe(z.safeParse(schema, body).success);
        }
      }
    });
  });

  it("has examples that its schemas take", () => {
    for (const [name, schema] of Object.entries(requestSchemas())) {
      const { properties = {} } = schemaOf(schema) as { properties?: Record<string, { examples?: unknown[] }> };
      const body = Object.fromEntries(
        Object.entries(properties).map(([field, { examples }]) => [field, examples?.[0]]),
      );
      expect(z.safeParse(schema, body).error, name).toBeUndefined();
    }
  });

  /** What the document shows of a problem of a route. */
  const exampleOf = (method: string, path: string, code: string): string => {
    const { status } = PROBLEMS[code as ProblemCode];
    const { paths } = JSON.parse(JSON.stringify(openApi("1"))) as Documented;
    const { content } = paths[path]?.[method]?.responses[status] ?? { content: {} };
    return String(content["application/problem+json"]?.examples[code]?.value.detail);
  };

  /** What a message is answered whose id has a time to come. */
  const idAhead = (): GoTalkError => {
    try {
      checkMessageIdTime(messageIdAt(LIMITS.messageId.future + 1_000), Date.now());
    } catch (error) {
      if (error instanceof GoTalkError) return error;
    }
    throw new Error("the id is not refused");
  };

  it.each([
    ["post", "/groups/join", refusalError("invalid_invite")],
    ["post", "/groups", unknownUser(["5f0c54a1-7d3e-4a0b-9c0e-2f6d1a7b8c90"])],
    ["post", "/groups", blockedBy([{ id: "", username: "bob" }])],
    ["put", "/groups/{groupId}/members/{userId}", unknownUser()],
    ["put", "/groups/{groupId}/members/{userId}", blockedBy([{ id: "", username: "bob" }])],
    ["put", "/blocks/{userId}", unknownUser()],
    ["post", "/register", new GoTalkError("invalid_invite")],
    ["get", "/users/{username}", new GoTalkError("unknown_user")],
    ["post", "/sync", new GoTalkError("too_many_requests", { retryAfter: 1 })],
    ["post", "/sync", new GoTalkError("forbidden", { values: ["id"] })],
    ["post", "/send", idAhead()],
  ])("shows of %s %s what it answers: %s", (method, path, { code, message }) => {
    expect(exampleOf(method, path, code)).toBe(message);
  });

  it.each([
    ["post", "/register", "username must have 3 to 32 characters of a-z 0-9 . _ -"],
    ["post", "/groups/join", "code must be the code of an invite link of a group"],
    ["patch", "/groups/{groupId}", "groupId must be the id of a group (GET /groups lists yours)"],
    ["post", "/logout", "username must have 3 to 32 characters of a-z 0-9 . _ -"],
    ["get", "/devices", "The body is not valid JSON."],
  ])("shows of %s %s a field that it takes", (method, path, detail) => {
    expect(exampleOf(method, path, "invalid_request")).toBe(detail);
  });

  describe("is what answers are held against", () => {
    const call = { method: "POST", path: "/register" };
    const headers = { "content-type": "application/json", "x-request-id": "1", "cache-control": "no-store" };
    const user = { id: "5f0c54a1-7d3e-4a0b-9c0e-2f6d1a7b8c90", username: "bob" };
    const answer =
      (status: number, body: Record<string, unknown>, more: Record<string, string> = {}) =>
      () =>
        checkAgainstDocument(call, { status, headers: { ...headers, ...more }, body, text: JSON.stringify(body) });

    it("takes what is said", () => {
      expect(answer(201, user)).not.toThrow();
    });

    it.each([
      ["another status", answer(202, user)],
      ["another content type", answer(201, user, { "content-type": "text/html" })],
      ["a member that is not declared", answer(201, { ...user, passwordHash: "x" })],
      ["a member that is missing", answer(201, { id: user.id })],
      ["a value of another form", answer(201, { ...user, id: "7" })],
      ["a problem of another route", answer(409, problem(409, "message_id_reused"), PROBLEM)],
      ["a problem under another status", answer(400, problem(409, "username_taken"), PROBLEM)],
      [
        "a problem with more than it should tell",
        answer(409, { ...problem(409, "username_taken"), stack: "x" }, PROBLEM),
      ],
      ["a 503 without Retry-After", answer(503, problem(503, "unavailable"), PROBLEM)],
    ])("refuses %s", (_, check) => {
      expect(check).toThrow(/the document says/);
    });

    it("takes the problems that it has", () => {
      expect(answer(409, problem(409, "username_taken"), PROBLEM)).not.toThrow();
      expect(answer(503, problem(503, "unavailable"), { ...PROBLEM, "retry-after": "1" })).not.toThrow();
    });
  });
});

const PROBLEM = { "content-type": "application/problem+json" };
const problem = (status: number, code: string) => ({
  type: "about:blank",
  title: "A problem",
  status,
  detail: "It is one.",
  code,
  requestId: "1",
});
