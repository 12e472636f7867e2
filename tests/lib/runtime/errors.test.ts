import { describe, expect, it } from "vitest";
import * as errors from "../../../lib/runtime/errors.ts";

const cause = new Error("the cause");

describe("errors", () => {
  it.each([
    ["InvalidRequest", () => new errors.InvalidRequest("detail"), 400, "invalid_request", undefined, {}],
    ["MessageIdTime", () => new errors.MessageIdTime("old", "now"), 400, "message_id_time", undefined, {}],
    [
      "InvalidToken",
      () => new errors.InvalidToken(cause),
      401,
      "invalid_token",
      undefined,
      { "www-authenticate": "Bearer" },
    ],
    [
      "InvalidCredentials",
      () => new errors.InvalidCredentials(),
      401,
      "invalid_credentials",
      undefined,
      { "www-authenticate": "Bearer" },
    ],
    ["Forbidden", () => new errors.Forbidden("detail"), 403, "forbidden", undefined, {}],
    ["Blocked", () => new errors.Blocked(), 403, "blocked", undefined, {}],
    ["RegistrationClosed", () => new errors.RegistrationClosed(), 403, "registration_closed", undefined, {}],
    ["InvalidInvite", () => new errors.InvalidInvite(), 403, "invalid_invite", undefined, {}],
    ["UnknownReceiver", () => new errors.UnknownReceiver(), 404, "unknown_receiver", undefined, {}],
    ["UnknownUser", () => new errors.UnknownUser(), 404, "unknown_user", undefined, {}],
    ["NotFound", () => new errors.NotFound("detail"), 404, "not_found", undefined, {}],
    [
      "MethodNotAllowed",
      () => new errors.MethodNotAllowed(["GET", "PUT"]),
      405,
      "method_not_allowed",
      undefined,
      { allow: "GET, PUT" },
    ],
    ["UsernameTaken", () => new errors.UsernameTaken(), 409, "username_taken", undefined, {}],
    ["MessageIdReused", () => new errors.MessageIdReused(), 409, "message_id_reused", undefined, {}],
    ["TooManyBlocks", () => new errors.TooManyBlocks(5), 409, "too_many_blocks", undefined, {}],
    ["TooLarge", () => new errors.TooLarge("body", 5), 413, "too_large", undefined, {}],
    [
      "UnsupportedMediaType",
      () => new errors.UnsupportedMediaType(),
      415,
      "unsupported_media_type",
      undefined,
      { "accept-post": "application/json, application/x-www-form-urlencoded" },
    ],
    ["TooManyAttempts", () => new errors.TooManyAttempts(60), 429, "too_many_attempts", 60, {}],
    ["TooManyMessages", () => new errors.TooManyMessages(5), 429, "too_many_messages", 5, {}],
    ["TooManyRequests", () => new errors.TooManyRequests(5), 429, "too_many_requests", 5, {}],
    ["ChannelFull", () => new errors.ChannelFull(30), 429, "channel_full", 30, {}],
    ["Unavailable", () => new errors.Unavailable(cause), 503, "unavailable", 1, {}],
  ])("%s has its name, status, code, Retry-After and headers", (name, make, status, code, retryAfter, headers) => {
    // Made here and not in the table: what is wrong with it is then found by this test.
    const error = make();
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
    expect(new errors.TooManyRequests(5).message).toBe("You ask too often. Try again in 5 seconds.");
    expect(new errors.TooManyMessages(5).message).toBe("You send too fast. Try again in 5 seconds.");
    expect(new errors.ChannelFull(30).message).toContain("in 30 seconds, with the same messageId");
  });

  it("say which methods a route takes", () => {
    expect(new errors.MethodNotAllowed(["GET", "PUT"]).message).toBe("This route takes GET, PUT only.");
  });
});
