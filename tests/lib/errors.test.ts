import { describe, expect, it } from "vitest";
import * as errors from "../../lib/errors.ts";

const cause = new Error("the cause");

describe("errors", () => {
  it.each([
    [new errors.InvalidRequest("detail"), "InvalidRequest", 400, "invalid_request", undefined, {}],
    [new errors.InvalidToken(cause), "InvalidToken", 401, "invalid_token", undefined, { "www-authenticate": "Bearer" }],
    [
      new errors.InvalidCredentials(),
      "InvalidCredentials",
      401,
      "invalid_credentials",
      undefined,
      { "www-authenticate": "Bearer" },
    ],
    [new errors.Forbidden("detail"), "Forbidden", 403, "forbidden", undefined, {}],
    [new errors.Blocked(), "Blocked", 403, "blocked", undefined, {}],
    [new errors.RegistrationClosed(), "RegistrationClosed", 403, "registration_closed", undefined, {}],
    [new errors.InvalidInvite(), "InvalidInvite", 403, "invalid_invite", undefined, {}],
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
    [new errors.TooManyBlocks(5), "TooManyBlocks", 409, "too_many_blocks", undefined, {}],
    [new errors.TooLarge("body", 5), "TooLarge", 413, "too_large", undefined, {}],
    [
      new errors.UnsupportedMediaType(),
      "UnsupportedMediaType",
      415,
      "unsupported_media_type",
      undefined,
      { "accept-post": "application/json, application/x-www-form-urlencoded" },
    ],
    [new errors.TooManyAttempts(60), "TooManyAttempts", 429, "too_many_attempts", 60, {}],
    [new errors.TooManyMessages(5), "TooManyMessages", 429, "too_many_messages", 5, {}],
    [new errors.ChannelFull(30), "ChannelFull", 429, "channel_full", 30, {}],
    [new errors.Unavailable(cause), "Unavailable", 503, "unavailable", 1, {}],
  ])("%s has its name, status, code, Retry-After and headers", (error, name, status, code, retryAfter, headers) => {
    expect(error).toBeInstanceOf(errors.GoTalkError);
    expect(error.name).toBe(name);
    expect({ ...error }).toMatchObject({ status, code, retryAfter });
    expect(error.headers).toEqual(headers);
    expect(error.title).toMatch(/^[A-Z].*\w$/);
    expect(error.message).toMatch(/\S/);
  });

  it("have nothing that they were not given", () => {
    const bare = new errors.GoTalkError(418, "teapot", "Teapot", "Short and stout.");
    expect(bare).toMatchObject({ name: "GoTalkError", message: "Short and stout.", title: "Teapot", cause: undefined });
    expect([bare.retryAfter, bare.headers]).toEqual([undefined, {}]);
    expect(new errors.InvalidRequest("detail").issues).toEqual([]);
    const issues = [{ field: "id", detail: "is required" }];
    expect(new errors.InvalidRequest("detail", issues).issues).toBe(issues);
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
    expect(new errors.TooManyBlocks(5).message).toBe("You may block 5 users. Unblock one first.");
    expect(new errors.UnknownUser("Nobody has this id.").message).toBe("Nobody has this id.");
    expect(new errors.TooManyMessages(5).message).toBe("You send too fast. Try again in 5 seconds.");
    expect(new errors.ChannelFull(30).message).toContain("in 30 seconds, with the same messageId");
  });

  it("say which methods a route takes", () => {
    expect(new errors.MethodNotAllowed(["GET", "PUT"]).message).toBe("This route takes GET, PUT only.");
  });
});
