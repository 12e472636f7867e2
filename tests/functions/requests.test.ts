import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, type Call, FORM_TYPE, form, JSON_TYPE, json, post } from "../support/api.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventsApi, invoke, toEvent } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";
import { claimOf, newPerson, type Person } from "../support/logins.ts";
import { expectProblem, fieldsIn } from "../support/problems.ts";

/** What a test over HTTP cannot send, or a local server answers by itself. */
describe("events", () => {
  let engine: TestEngine;
  let functions: MadeFunctions;
  let api: Api;
  let ann: Person;
  const sync = (call: Partial<Call>) => api({ method: "POST", path: "/sync", ...call });
  const claim = () => JSON.stringify(claimOf(ann));

  beforeAll(async () => {
    engine = await startEngine();
    functions = await makeFunctions(engine);
    api = eventsApi(functions);
    ann = await newPerson(api);
  });
  afterAll(() => engine?.stop());

  it.each([true, false])("take JSON and forms with isBase64Encoded %s", async (base64) => {
    const content = "naïve ☃ 😀 + % &";
    for (const call of [json, form]) {
      const event = toEvent(call("/send", { ...claimOf(ann), sendToId: ann.id, content }), { base64 });
      expect(event.isBase64Encoded).toBe(base64);
      expect((await invoke(functions.send, event)).status).toBe(202);
    }
    const { body } = await api(json("/sync", claimOf(ann)));
    expect(body["messages"]).toMatchObject([{ content }, { content }]);
  });

  it("measure the body after base64 is taken off", async () => {
    const bodyOf = (bytes: number) => `${claim().slice(0, -1)}${" ".repeat(bytes - claim().length)}}`;
    for (const base64 of [true, false]) {
      const fits = toEvent(post("/sync", JSON_TYPE, bodyOf(65_536)), { base64 });
      expect((await invoke(functions.sync, fits)).status).toBe(200);
      const tooLarge = toEvent(post("/sync", JSON_TYPE, bodyOf(65_537)), { base64 });
      expectProblem(await invoke(functions.sync, tooLarge), 413, "too_large");
    }
  });

  it("refuse bytes that are not UTF-8, which would arrive as another text", async () => {
    const call = post("/sync", JSON_TYPE, Buffer.from('{"id":"\xff"}', "latin1"));
    const answer = await invoke(functions.sync, toEvent(call, { base64: true }));
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body["detail"]).toContain("UTF-8");
  });

  it("refuse a body that is JSON's null", async () => {
    const answer = await api(post("/sync", JSON_TYPE, "null"));
    expectProblem(answer, 400, "invalid_request");
    expect(fieldsIn(answer)).toEqual([]);
  });

  it.each(["application/json, application/json", "json", ";", "application/json charset=utf-8", "*/*", ""])(
    "answer 415 to the content type %j",
    async (type) => {
      expectProblem(await api(post("/sync", type, claim())), 415, "unsupported_media_type");
    },
  );

  it("answer 415 to a body without a content type", async () => {
    expectProblem(await sync({ body: Buffer.from(claim()) }), 415, "unsupported_media_type");
  });

  it.each([JSON_TYPE, FORM_TYPE])("take an empty body of %s for one without fields", async (type) => {
    const answer = await api(post("/sync", type, ""));
    expectProblem(answer, 400, "invalid_request");
    expect(fieldsIn(answer)).toEqual(["id"]);
  });

  it("do without what API Gateway leaves out or sets to null", async () => {
    const event = toEvent(json("/sync", claimOf(ann)));
    const { pathParameters: _, ...bare } = event;
    const odd = { ...bare, pathParameters: null, body: null } as unknown as typeof event;
    expectProblem(await invoke(functions.sync, odd), 400, "invalid_request");
    expectProblem(await invoke(functions.accounts, { ...odd, routeKey: "POST /login" }), 400, "invalid_request");
    const noHeaders = { ...bare, headers: undefined } as unknown as typeof event;
    expectProblem(await invoke(functions.sync, noHeaders), 415, "unsupported_media_type");
  });

  it.each([false, 0])("refuse %s as a body, though API Gateway hands over texts only", async (body) => {
    const event = { ...toEvent(json("/sync", {})), body } as unknown as ReturnType<typeof toEvent>;
    const answer = await invoke(functions.sync, event);
    expectProblem(answer, 400, "invalid_request");
    expect(fieldsIn(answer)).toEqual([]);
  });

  it.each(["POST /constructor", "constructor"])(
    "answer 404 where a function is asked for %s, which it does not have",
    async (routeKey) => {
      const event = { ...toEvent(json("/login", {})), routeKey };
      for (const name of ["accounts", "files", "push"] as const) {
        expectProblem(await invoke(functions[name], event), 404, "not_found");
      }
    },
  );

  it("name each request as API Gateway's access log does", async () => {
    for (const fields of [claimOf(ann), {}]) {
      const event = toEvent(json("/sync", fields));
      const { headers, body, status } = await invoke(functions.sync, event);
      expect(headers["x-request-id"]).toBe(event.requestContext.requestId);
      if (status >= 400) expect(body["requestId"]).toBe(event.requestContext.requestId);
    }
  });

  it("let no cache keep an answer and no browser guess its type", async () => {
    for (const call of [json("/sync", claimOf(ann)), json("/sync", {})]) {
      const { headers } = await api(call);
      expect(headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    }
  });
});
