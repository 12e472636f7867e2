import { describe, expect, it } from "vitest";
import {
  checkContentSize,
  FindParameters,
  LoginBody,
  LogoutBody,
  RegisterBody,
  SendBody,
  SyncBody,
  validate,
} from "../../../lib/http/schemas.ts";
import type { GoTalkError } from "../../../lib/runtime/errors.ts";
import { problem } from "../../support/problems.ts";

const issuesOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    expect(error).toEqual(problem("invalid_request"));
    return (error as GoTalkError).members["errors"];
  }
  return expect.unreachable("it was taken");
};

const MESSAGE_ID = "0195f3a0-0000-7000-8000-000000000000";
const send = { token: "t", id: "i", sendToId: "r", content: "x" };

describe("validate", () => {
  it("answers the fields that a route knows, and leaves the others out", () => {
    expect(validate(SendBody, { ...send, extra: 1, messageId: MESSAGE_ID, username: "ann" })).toEqual({
      ...send,
      messageId: MESSAGE_ID,
      username: "ann",
    });
    expect(validate(LogoutBody, { token: "t", id: "i", password: "x" })).toEqual({ token: "t", id: "i" });
    expect(validate(FindParameters, { username: "ann", token: "t", id: "i" })).toEqual({ username: "ann", token: "t" });
  });

  it("folds the case of usernames and message ids, and of nothing else", () => {
    expect(validate(RegisterBody, { username: "ANN", password: "PassWord" })).toEqual({
      username: "ann",
      password: "PassWord",
    });
    expect(validate(SendBody, { ...send, content: "X", messageId: MESSAGE_ID.toUpperCase() })).toMatchObject({
      content: "X",
      messageId: MESSAGE_ID,
    });
  });

  it("reads limit from a number or a form's text, and sets it to 100", () => {
    const limitOf = (fields: object) => validate(SyncBody, { id: "i", ...fields }).limit;
    expect(limitOf({})).toBe(100);
    expect(limitOf({ limit: 7 })).toBe(7);
    expect(limitOf({ limit: "7" })).toBe(7);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300, -1e300, 2 ** 53, 0, 101, 0.5, "", "x", "-1", "1000", {}, null])(
    "says once what is wrong with the limit %s",
    (limit) => {
      expect(issuesOf(() => validate(SyncBody, { id: "i", limit }))).toEqual([
        { field: "limit", detail: "must be a whole number from 1 to 100" },
      ]);
    },
  );

  it("says what each missing field is, and what is wrong with each other", () => {
    const issues = issuesOf(() => validate(SendBody, { token: 5, content: "" }));
    expect(issues).toEqual([
      { field: "token", detail: "must be the token that the login returned" },
      { field: "id", detail: "is required: your user id, as the login returned it" },
      { field: "sendToId", detail: "is required: the receiver's user id (GET /users/{username} finds it)" },
      { field: "content", detail: "must not be empty" },
    ]);
  });

  it("puts all of it into the error's text, and none of the values", () => {
    const error = (() => {
      try {
        return validate(LoginBody, { username: "se cret", password: "secret" });
      } catch (thrown) {
        return thrown as GoTalkError;
      }
    })();
    expect(error).toEqual(problem("invalid_request"));
    expect((error as GoTalkError).message).toBe(
      "username must have 3 to 32 characters of a-z 0-9 . _ -; password must have 8 to 128 characters",
    );
  });
});

describe("checkContentSize", () => {
  it("counts the bytes of UTF-8", () => {
    checkContentSize("ö".repeat(8_192));
    expect(() => checkContentSize(`${"ö".repeat(8_192)}x`)).toThrow(problem("too_large"));
    expect(() => checkContentSize("x".repeat(16_385))).toThrow("The content may have");
  });
});
