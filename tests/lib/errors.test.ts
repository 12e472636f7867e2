import { describe, expect, it } from "vitest";
import * as errors from "../../lib/errors.ts";

const cause = new Error("the cause");

describe("errors", () => {
  it.each([
    [new errors.InvalidRequest("detail"), "InvalidRequest", 400, "invalid_request", undefined, {}],
    [new errors.InvalidToken(cause), "InvalidToken", 401, "invalid_token", undefined, { "www-authenticate": "Bearer" }],
    [new errors.InvalidCredentials(), "InvalidCredentials", 401, "invalid_credentials", undefined, expect.anything()],
    [new errors.Forbidden("detail"), "Forbidden", 403, "forbidden", undefined, {}],
    [new errors.UnknownReceiver(), "UnknownReceiver", 404, "unknown_receiver", undefined, {}],
    [new errors.UnknownUser(), "UnknownUser", 404, "unknown_user", undefined, {}],
    [new errors.NotFound("detail"), "NotFound", 404, "not_found", undefined, {}],
    [
      new errors.MethodNotAllowed(["GET", "PUT"]),
      "MethodNotAllowed",
      405,
      "method_not_allowed",
      undefined,
      { allow: "GET, PUT" },
    ],
    [new errors.UsernameTaken(), "UsernameTaken", 409, "username_taken", undefined, {}],
    [new errors.MessageIdReused(), "MessageIdReused", 409, "message_id_reused", undefined, {}],
    [new errors.TooLarge("body", 5), "TooLarge", 413, "too_large", undefined, {}],
    [
      new errors.UnsupportedMediaType(),
      "UnsupportedMediaType",
      415,
      "unsupported_media_type",
      undefined,
      expect.anything(),
    ],
    [new errors.TooManyAttempts(60), "TooManyAttempts", 429, "too_many_attempts", 60, {}],
    [new errors.Unavailable(cause), "Unavailable", 503, "unavailable", 1, {}],
  ])("%s has its name, status, code, Retry-After and headers", (error, name, status, code, retryAfter, headers) => {
    expect(error).toBeInstanceOf(errors.GoTalkError);
    expect(error.name).toBe(name);
    expect({ ...error }).toMatchObject({ status, code, retryAfter, headers });
    expect(error.title).toMatch(/^[A-Z].*\w$/);
    expect(error.message).toMatch(/\S/);
  });

  it("keep their cause, and never show it", () => {
    for (const error of [new errors.InvalidToken(cause), new errors.Unavailable(cause)]) {
      expect(error.cause).toBe(cause);
      expect(error.message).not.toContain("the cause");
    }
  });

  it("say which bound was passed, and when to come back", () => {
    expect(new errors.TooLarge("content", 16_384).message).toBe("The content may have 16384 bytes at most.");
    expect(new errors.TooManyAttempts(60).message).toBe("Try again in 60 seconds.");
  });
});
