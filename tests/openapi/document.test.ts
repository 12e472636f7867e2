import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { PROBLEMS } from "../../lib/contract/problems.ts";
import { ROUTE_KEYS } from "../../lib/contract/routes.ts";
import { openApi, requestSchemas } from "../../lib/openapi/document.ts";
import { PROBLEM_CODES } from "../../lib/openapi/problems.ts";
import { schemaOf } from "../../lib/openapi/schema-of.ts";
import { declaredRoutes } from "../support/declared.ts";
import { checkAgainstDocument, DOCUMENT } from "../support/documented.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

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
      messageId: [good, good.toUpperCase(), "7", "00000000-0000-4000-8000-000000000000", 1],
      ack: ["a", "A-_9", "", "x".repeat(64), "x".repeat(65), "a b", 4],
      sessionId: ["Zk2bqJtPzF0n8c1gmD3rD0", "short", "", 1],
      userId: ["5f0c54a1-7d3e-4a0b-9c0e-2f6d1a7b8c90", "5F0C54A1-7D3E-4A0B-9C0E-2F6D1A7B8C90", "bob", 1],
      deviceId: ["Zk2bqJtPzF0n8c1gmD3rD0", "shared", "", "a b", "x".repeat(64), "x".repeat(65), 1],
      replaceDeviceId: ["shared", "", "a b", "x".repeat(65), 1],
      deviceName: ["Laptop", "🦊 at home", "", "x".repeat(64), "x".repeat(65), 1],
      loginId: ["x".repeat(16), "A-_9".repeat(16), "x".repeat(15), "x".repeat(65), "a b".repeat(6), 1],
      limit: [1, 100, 0, 101, 1.5, -1, true],
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
