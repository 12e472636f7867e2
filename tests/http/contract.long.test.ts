import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Api, httpApi, JSON_TYPE, post } from "../support/api.ts";
import { contract } from "../support/contract/index.ts";
import { documented } from "../support/documented.ts";
import { PASSWORD } from "../support/logins.ts";
import { expectProblem } from "../support/problems.ts";
import { ask } from "../support/raw-request.ts";
import { seedingOf } from "../support/seeding.ts";
import { printedBy, type SharedStack, sharedStack } from "../support/shared/index.ts";

/** The contract over HTTP, against a running `serverless offline`. */
describe("the API's contract over HTTP", () => {
  let stack: SharedStack;
  let api: Api;
  let tokenKey: Buffer;
  beforeAll(async () => {
    stack = await sharedStack();
    api = documented(httpApi(stack.url, seedingOf(stack.data)));
    tokenKey = Buffer.from(readFileSync(join(stack.data, "token.key"), "utf8").trim(), "base64url");
  });

  contract(() => ({ api, tokenKey, bearerCharacters: 8_000 }));

  // API Gateway hands JSON over as text, so that a function on AWS cannot see these bytes.
  it.each([
    ["Latin-1", Buffer.from('{"content":"caf\xe9"}', "latin1")],
    [
      "half a character",
      Buffer.concat([Buffer.from('{"content":"'), Buffer.from([0xf0, 0x9f, 0x98]), Buffer.from('"}')]),
    ],
    ["no JSON either", Buffer.from([0xff])],
  ])("answers 400 to JSON in %s, on every route", async (_, body) => {
    for (const path of [
      "/register",
      "/login",
      "/logout",
      "/password",
      "/account/delete",
      "/devices",
      "/send",
      "/sync",
    ]) {
      const answer = await api(post(path, JSON_TYPE, body));
      expectProblem(answer, 400, "invalid_request");
      expect(answer.body["detail"]).toBe("The body is not valid UTF-8.");
    }
  });

  // What the HTTP server itself refuses, before any function sees it.
  it.each([
    ["a path with half an escape", { path: "/users/%", headers: {} }],
    ["a path that is not UTF-8", { path: "/users/%ff", headers: {} }],
    ["a type that is none", { path: "/login", method: "POST", headers: { "content-type": ";;;" }, body: "{}" }],
  ])("answers 400 to %s", async (_, { path, ...request }) => {
    expectProblem(await ask(stack.url + path, request), 400, "invalid_request");
  });

  it("prints no password, no key and no content", async () => {
    const printed = await printedBy(stack);
    for (const secret of [PASSWORD, tokenKey.toString("base64url"), "time traveller"]) {
      expect(printed).not.toContain(secret);
    }
  });
});
