import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { type Reply, type Request, serve } from "../../../lib/http/http.ts";
import { GoTalkError, invalidRequest } from "../../../lib/runtime/errors.ts";
import { json } from "../../support/api.ts";
import { invoke, toEvent } from "../../support/events.ts";
import { expectProblem } from "../../support/problems.ts";

const event = toEvent(json("/send", { content: "x" }));
const answerOf = (route: (request: Request) => Promise<Reply>, from = event) => invoke(serve(route), from);

describe("serve", () => {
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => {});
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it("hands over the method, the path, its parameters and the client's address", async () => {
    let request: Request | undefined;
    const from = toEvent({ method: "GET", path: "/users/ann" }, { address: "192.0.2.9" });
    await answerOf(async (given) => {
      request = given;
      return { status: 204 };
    }, from);
    expect(request).toMatchObject({
      method: "GET",
      path: "/users/ann",
      pathParameters: { username: "ann" },
      address: "192.0.2.9",
    });
  });

  it("tells a route until when it is waited for", async () => {
    vi.useFakeTimers();
    let answerBy = 0;
    await answerOf(async (request) => {
      ({ answerBy } = request);
      return { status: 204 };
    });
    expect(answerBy).toBe(Date.now() + LIMITS.requestTime);
  });

  it.each([
    ["Bearer abc", "abc"],
    ["bearer   abc  ", "abc"],
    ["BEARER a.b-c_d~+/=", "a.b-c_d~+/="],
    ["Bearer", undefined],
    ["Bearer ", undefined],
    ["Bearer a b", undefined],
    ["xBearer abc", undefined],
    ["Basic abc", undefined],
    ["abc", undefined],
  ])("reads the authorization %j as the token %j", async (authorization, token) => {
    const from = toEvent({ method: "POST", path: "/sync", headers: { authorization } });
    const { body } = await answerOf(async (request) => ({ status: 200, body: request.fields() }), from);
    expect(body).toEqual(token === undefined ? {} : { token });
  });

  it("answers JSON", async () => {
    const answer = await answerOf(async () => ({ status: 202, body: { ok: "ä" } }));
    expect(answer).toMatchObject({ status: 202, body: { ok: "ä" } });
    expect(answer.headers["content-type"]).toBe("application/json");
  });

  it("answers without a body where there is none", async () => {
    const answer = await answerOf(async () => ({ status: 204 }));
    expect(answer).toMatchObject({ status: 204, text: "" });
    expect(answer.headers).not.toHaveProperty("content-type");
  });

  it("makes a problem of an error of ours, and logs none that is the client's", async () => {
    const answer = await answerOf(async () => {
      throw new GoTalkError("forbidden", { detail: "Not yours." });
    });
    expectProblem(answer, 403, "forbidden");
    expect(answer.body).toMatchObject({ type: "about:blank", title: "Not yours", detail: "Not yours." });
    expect(console.error).not.toHaveBeenCalled();
  });

  it("lists the fields of an invalid request, if there are any", async () => {
    const errors = [{ field: "limit", detail: "is wrong" }];
    const listed = await answerOf(async () => {
      throw invalidRequest("limit is wrong", errors);
    });
    expect(listed.body["errors"]).toEqual(errors);
    const bare = await answerOf(async () => {
      throw invalidRequest("malformed");
    });
    expect(bare.body).not.toHaveProperty("errors");
  });

  it("says when to try again, and adds an error's own headers", async () => {
    const slow = await answerOf(async () => {
      throw new GoTalkError("too_many_attempts", { retryAfter: 42 });
    });
    expect(slow.headers["retry-after"]).toBe("42");
    const own = await answerOf(async () => {
      throw new GoTalkError("forbidden", { headers: { "x-tea": "green" } });
    });
    expect(own.headers).toMatchObject({ "x-tea": "green" });
    expect(own.headers).not.toHaveProperty("retry-after");
  });

  it.each([new TypeError("internal text"), "internal text", undefined])(
    "makes a 500 without internal text of anything else (%s), and logs it",
    async (thrown) => {
      const answer = await answerOf(async () => {
        throw thrown;
      });
      expectProblem(answer, 500, "internal_error");
      expect(answer.text).not.toContain("internal text");
      expect(console.error).toHaveBeenCalledOnce();
      const line = JSON.parse(String(vi.mocked(console.error).mock.calls[0]?.[0]));
      expect(line).toMatchObject({ level: "ERROR", code: "internal_error", requestId: answer.body["requestId"] });
      if (thrown !== undefined) expect(JSON.stringify(line.cause)).toContain("internal text");
    },
  );

  it("logs a cause with its own causes", async () => {
    await answerOf(async () => {
      throw new Error("outer", { cause: new RangeError("inner") });
    });
    const line = JSON.parse(String(vi.mocked(console.error).mock.calls[0]?.[0]));
    expect(line.cause).toMatchObject({
      name: "Error",
      message: "outer",
      cause: { name: "RangeError", message: "inner" },
    });
  });

  it.each(["a", "x".repeat(64), "7b0e4a34-2f0c-4cfa-9a1b-7a1f0e4c3d2e", "Root=1-67891233-abcdef012345678912345678"])(
    "takes the client's own name of its request, %s, and keeps API Gateway's for the log",
    async (own) => {
      const from = toEvent({ ...json("/send", {}), headers: { "x-request-id": own } });
      const answer = await answerOf(async () => {
        throw new Error("x");
      }, from);
      expect(answer.headers["x-request-id"]).toBe(own);
      expect(answer.body["requestId"]).toBe(own);
      const line = JSON.parse(String(vi.mocked(console.error).mock.calls[0]?.[0]));
      expect(line).toMatchObject({ requestId: own, edgeRequestId: from.requestContext.requestId });
    },
  );

  it.each(["", "x".repeat(65), "a b", "a\nb", "é", '"', "<b>", "a,b", "a:b"])(
    "does not take %j for the name of a request",
    async (own) => {
      const from = toEvent({ ...json("/send", {}), headers: { "x-request-id": own } });
      const answer = await answerOf(async () => {
        throw new Error("x");
      }, from);
      expect(answer.headers["x-request-id"]).toBe(from.requestContext.requestId);
      expect(answer.body["requestId"]).toBe(from.requestContext.requestId);
      const line = JSON.parse(String(vi.mocked(console.error).mock.calls[0]?.[0]));
      expect(line.requestId).toBe(from.requestContext.requestId);
      expect(line).not.toHaveProperty("edgeRequestId");
    },
  );

  it("logs Lambda's id of the invocation and the X-Ray trace beside the request's", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1");
    await answerOf(async () => {
      throw new Error("x");
    });
    vi.unstubAllEnvs();
    const line = JSON.parse(String(vi.mocked(console.error).mock.calls[0]?.[0]));
    expect(line.function_request_id).toMatch(/^request-\d+$/);
    expect(line.xray_trace_id).toBe("1-67891233-abcdef012345678912345678");
  });

  it("logs nothing of an error but its name, its message, its stack and its causes", async () => {
    await answerOf(async () => {
      throw Object.assign(new Error("refused"), { Item: { content: { S: "private" } } });
    });
    const [line] = vi.mocked(console.error).mock.calls[0] ?? [];
    expect(line).toContain("refused");
    expect(line).not.toContain("private");
  });

  it("answers 503 after 6 seconds for a route that is not done, and before for none", async () => {
    vi.useFakeTimers();
    let answer: Awaited<ReturnType<typeof answerOf>> | undefined;
    void answerOf(() => new Promise(() => {})).then((given) => {
      answer = given;
    });
    await vi.advanceTimersByTimeAsync(5_999);
    expect(answer).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    if (answer === undefined) return expect.unreachable("there is no answer");
    expectProblem(answer, 503, "unavailable");
    expect(answer.headers["retry-after"]).toBe("1");
  });

  it("leaves no timer behind", async () => {
    vi.useFakeTimers();
    await answerOf(async () => ({ status: 204 }));
    await answerOf(async () => {
      throw new Error("x");
    });
    expect(vi.getTimerCount()).toBe(0);
  });
});
