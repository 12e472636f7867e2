import { afterEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { type Request, serve } from "../../../lib/http/http.ts";
import { parametersOf } from "../../../lib/http/parameters.ts";
import { GoTalkError } from "../../../lib/runtime/errors.ts";
import type { Meter } from "../../../lib/runtime/meter.ts";
import { type Call, json } from "../../support/api.ts";
import { type EventOptions, invoke, toEvent } from "../../support/events.ts";

/** What a route is handed of an event. */
async function requestOf(event: ReturnType<typeof toEvent>): Promise<Request> {
  const { promise, resolve } = Promise.withResolvers<Request>();
  const route = serve(async (request) => {
    resolve(request);
    return { status: 204 };
  });
  await invoke(route, event);
  return promise;
}

const fieldsOf = async (call: Call, options?: EventOptions) => (await requestOf(toEvent(call, options))).fields();

describe("an event", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it("without a body, headers and parameters has no fields", async () => {
    const { body: _, headers: __, pathParameters: ___, ...bare } = toEvent(json("/sync", {}));
    const request = await requestOf(bare as ReturnType<typeof toEvent>);
    expect(request.fields()).toStrictEqual({});
    expect(request.pathParameters).toStrictEqual({});
  });

  it("has the token of its header, unless its body has one", async () => {
    const headers = { authorization: "Bearer one", "content-type": "application/json" };
    const call = (body: Record<string, unknown>) => ({ ...json("/sync", body), headers });
    expect(await fieldsOf(call({ id: "i" }))).toStrictEqual({ token: "one", id: "i" });
    expect(await fieldsOf(call({ token: "two" }))).toStrictEqual({ token: "two" });
  });

  it("has the parts of its path from the path alone", async () => {
    const event = toEvent({ ...json("/blocks/one", { userId: "two", token: "three" }), method: "PUT" });
    expect(parametersOf(await requestOf(event))).toStrictEqual({ userId: "one", token: "three" });
    const { pathParameters: _, ...without } = event;
    expect(parametersOf(await requestOf(without))).toStrictEqual({ userId: undefined, token: "three" });
  });

  it("has its route, and what the client says of itself, fit to be shown", async () => {
    const event = toEvent(json("/sync", {}));
    expect((await requestOf(event)).route).toBe("POST /sync");
    const said = async (userAgent: string | undefined) => {
      const headers = { ...event.headers, "user-agent": userAgent } as typeof event.headers;
      return (await requestOf({ ...event, headers })).userAgent;
    };
    expect(await said("Mozilla/5.0 (X11; ~)")).toBe("Mozilla/5.0 (X11; ~)");
    expect(await said(" a\u0000\n b  ü\u007f c ")).toBe("a b c");
    expect(await said("a\u0000b")).toBe("a b");
    expect(await said("x".repeat(1_000))).toBe("x".repeat(LIMITS.userAgentCharacters));
    expect(await said(undefined)).toBe("");
  });

  it.each([true, false])("has the fields of its body, in base64: %s", async (base64) => {
    expect(await fieldsOf(json("/sync", { id: "ü" }), { base64 })).toStrictEqual({ id: "ü" });
  });
});

describe("an answer", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const common = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
  const event = toEvent(json("/sync", {}));

  it.each([
    ["of JSON", async () => ({ status: 200, body: {} }), { "content-type": "application/json" }],
    ["without a body", async () => ({ status: 204 }), {}],
    [
      "that is a problem",
      () => Promise.reject(new GoTalkError("forbidden", { detail: "x" })),
      { "content-type": "application/problem+json" },
    ],
  ])("%s is kept by no cache, guessed at by no browser, and named", async (_, route, further) => {
    const { headers } = await invoke(serve(route), event);
    expect(headers).toEqual({ ...common, ...further, "x-request-id": expect.stringMatching(/\S/) });
  });

  it.each([
    ["an answer", async () => ({ status: 204 })],
    ["a problem", () => Promise.reject(new GoTalkError("forbidden", { detail: "x" }))],
  ])("that is %s comes with what was counted being published, once", async (_, route) => {
    const publish = vi.fn();
    await invoke(serve(route, { count: () => undefined, publish } as unknown as Meter), event);
    expect(publish).toHaveBeenCalledOnce();
  });

  it("to a fault of ours says whose fault it is", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { body } = await invoke(
      serve(() => Promise.reject(new Error("internal"))),
      event,
    );
    expect(body).toMatchObject({
      status: 500,
      title: "Something went wrong",
      detail: "It is not your fault. Try again later.",
    });
  });

  it("that took too long is logged as such", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    vi.useFakeTimers();
    const answer = invoke(
      serve(() => new Promise(() => {})),
      event,
    );
    await vi.advanceTimersByTimeAsync(6_000);
    expect(await answer).toMatchObject({ status: 503 });
    expect(String(error.mock.calls[0]?.[0])).toContain("the request took too long");
  });
});

describe("a request of a browser", () => {
  const statusOf = async (headers: Record<string, string>, ownHosts?: readonly string[]) => {
    const event = toEvent({ ...json("/login", {}), headers: { "content-type": "application/json", ...headers } });
    const route = serve(async () => ({ status: 204 }), undefined, ownHosts);
    const { status, body } = await invoke(route, event);
    return body["code"] ?? status;
  };
  const OWN = ["chat.example", "d111.cloudfront.net"];

  it.each([
    ["another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["another site whose origin is hidden", { origin: "null" }],
    ["another site, which loads it as an image", { "sec-fetch-site": "cross-site" }],
  ])("for a page of %s is refused before its body is read", async (_, headers) => {
    expect(await statusOf({ ...headers, "content-type": "text/plain" }, OWN)).toBe("cross_site");
  });

  it.each([
    ["an own page", { origin: "https://chat.example", "sec-fetch-site": "same-origin" }],
    ["the host that is asked", { origin: "http://API.example.com", host: "API.example.com" }],
    ["a program", {}],
  ])("of %s is taken", async (_, headers) => {
    expect(await statusOf(headers, OWN)).toBe(204);
  });

  it("for a page of a host that is not its own any more is refused", async () => {
    expect(await statusOf({ origin: "https://chat.example" }, [])).toBe("cross_site");
  });

  it("is told what route and method there are, whatever page it is of: nothing happens there", async () => {
    expect(await statusOf({ origin: "https://evil.example" })).toBe(204);
  });
});
