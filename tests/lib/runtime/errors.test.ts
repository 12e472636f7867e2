import { describe, expect, expectTypeOf, it } from "vitest";
import { PROBLEMS, type ProblemCode, type TimedCode } from "../../../lib/contract/problems.ts";
import { GoTalkError, InvalidToken, invalidRequest, tooLarge, Unavailable } from "../../../lib/runtime/errors.ts";

const cause = new Error("the cause");
const CODES = Object.keys(PROBLEMS) as ProblemCode[];

describe("the table of problems", () => {
  it.each(CODES)("says of %s its status and what to do", (code) => {
    const { status, title, detail } = PROBLEMS[code];
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^[A-Z].*\w$/);
    if (detail !== undefined) expect(detail).toMatch(/^[A-Z].*\.$/);
  });

  it("has a status that goes up, as people look it up", () => {
    const statuses = CODES.map((code) => PROBLEMS[code].status);
    expect(statuses).toEqual(statuses.toSorted((one, other) => one - other));
  });

  it("asks for a time where the text has one", () => {
    const timed = CODES.filter((code) => PROBLEMS[code].detail?.includes("Try again in %s"));
    expect(timed.every((code) => PROBLEMS[code].isTimed)).toBe(true);
    // A user may send files again when the day is over, and its text says so.
    expect(CODES.filter((code) => PROBLEMS[code].isTimed)).toEqual([...timed, "too_many_files", "unavailable"]);
  });
});

describe("an error", () => {
  it.each(CODES)("of %s has what the table says", (code) => {
    const { status, title, headers = {} } = PROBLEMS[code];
    const error = new GoTalkError(code);
    expect({ ...error }).toMatchObject({ name: "GoTalkError", code, status, title, headers });
    expect({ ...error }).toMatchObject({ retryAfter: undefined, members: {} });
    expect(error.cause).toBeUndefined();
  });

  it("adds its own headers to those of the table", () => {
    const error = new GoTalkError("invalid_token", { headers: { "x-own": "1" } });
    expect(error.headers).toEqual({ "www-authenticate": "Bearer", "x-own": "1" });
  });

  it("keeps its cause, and never shows it", () => {
    for (const error of [new InvalidToken(cause), new Unavailable(cause), new GoTalkError("forbidden", { cause })]) {
      expect(error.cause).toBe(cause);
      expect(error.message).not.toContain("the cause");
    }
  });

  it("has a class of its own where code asks for it", () => {
    expect(new InvalidToken()).toMatchObject({ name: "InvalidToken", code: "invalid_token" });
    expect(new Unavailable()).toMatchObject({ name: "Unavailable", code: "unavailable", retryAfter: 1 });
  });

  it("of a problem with a time cannot be made without that time, and others can", () => {
    const timed = CODES.filter((code) => PROBLEMS[code].isTimed);
    expectTypeOf<[TimedCode]>().not.toExtend<ConstructorParameters<typeof GoTalkError<TimedCode>>>();
    expectTypeOf<["forbidden"]>().toExtend<ConstructorParameters<typeof GoTalkError<"forbidden">>>();
    const codes: Readonly<Record<TimedCode, true>> = {
      too_many_attempts: true,
      too_many_messages: true,
      too_many_requests: true,
      channel_full: true,
      too_many_files: true,
      unavailable: true,
    };
    expect(timed).toEqual(Object.keys(codes));
  });

  it("says what the case is, in the text of the table or in its own", () => {
    expect(new GoTalkError("too_many_attempts", { retryAfter: 60 }).message).toBe("Try again in 60 seconds.");
    expect(new GoTalkError("too_many_requests", { retryAfter: 1 }).message).toBe(
      "You ask too often. Try again in 1 second.",
    );
    expect(new GoTalkError("too_many_attempts", { retryAfter: 60 }).retryAfter).toBe(60);
    expect(new GoTalkError("too_many_blocks", { values: [5] }).message).toBe(
      "You may block 5 users. Unblock one first.",
    );
    expect(new GoTalkError("unknown_user", { detail: "Nobody has this id." }).message).toBe("Nobody has this id.");
    expect(new GoTalkError("method_not_allowed", { values: ["GET, $& PUT"] }).message).toBe(
      "This route takes GET, $& PUT only.",
    );
    expect(tooLarge("content", 16_384)).toMatchObject({
      code: "too_large",
      message: "The content may have 16384 bytes at most.",
    });
  });

  it("lists the fields that are wrong, where there are some", () => {
    const errors = [{ field: "id", detail: "is required" }];
    expect(invalidRequest("id is required", errors)).toMatchObject({
      code: "invalid_request",
      message: "id is required",
      members: { errors },
    });
    expect(invalidRequest("malformed").members).toEqual({});
  });
});
