import { beforeAll, describe, expect, it } from "vitest";
import { type Api, bearer, FORM_TYPE, JSON_TYPE, json, post } from "../api.ts";
import { claimOf, newPerson, PASSWORD, type Person } from "../logins.ts";
import { expectProblem, fieldsIn } from "../problems.ts";

const POSTS = ["/register", "/login", "/logout", "/password", "/account/delete", "/send", "/sync", "/files"];

/** What api.md says of routes, methods, content types and bodies. */
export function requestsContract(theApi: () => Api): void {
  let api: Api;
  let ann: Person;
  beforeAll(async () => {
    api = theApi();
    ann = await newPerson(api);
  });

  describe("routes", () => {
    it.each([
      "/nothing",
      "/send/more",
      "/users",
      "/users/a/b",
      "/groups/x/members",
      "/groups/x/y/z",
      "/Send",
      "/constructor",
      "/__proto__",
    ])("answers 404 to %s", async (path) => {
      for (const method of ["GET", "POST"]) {
        expectProblem(await api({ method, path }), 404, "not_found");
      }
    });

    it.each(POSTS)("answers 405 with Allow to another method of %s", async (path) => {
      for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
        const answer = await api({ method, path });
        expectProblem(answer, 405, "method_not_allowed");
        expect(answer.headers["allow"]).toBe("POST");
      }
    });

    it.each([
      ["/users/bob", "GET"],
      ["/sessions", "GET"],
      ["/sessions/x", "DELETE"],
      ["/push", "GET, PUT, DELETE"],
      ["/blocks", "GET"],
      ["/blocks/x", "PUT, DELETE"],
      ["/groups", "POST, GET"],
      ["/groups/x", "GET, PATCH"],
      ["/groups/x/members/y", "PUT, DELETE"],
      ["/groups/x/invite", "POST"],
      ["/files/x", "GET"],
    ])("answers 405 with Allow to another method of %s", async (path, allowed) => {
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((one) => !allowed.includes(one))) {
        const answer = await api({ method, path });
        expectProblem(answer, 405, "method_not_allowed");
        expect(answer.headers["allow"]).toBe(allowed);
      }
    });
  });

  describe("content types", () => {
    const claim = () => JSON.stringify(claimOf(ann));

    it.each([JSON_TYPE, "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'])(
      "takes %s",
      async (type) => {
        expect((await api(post("/sync", type, claim()))).status).toBe(200);
      },
    );

    it.each([
      "text/plain",
      "text/plain;charset=UTF-8",
      "application/xml",
      "multipart/form-data; boundary=x",
      "application/jsonp",
      "application/json; charset=iso-8859-1",
    ])("answers 415 to %s", async (type) => {
      for (const path of POSTS) {
        const answer = await api(post(path, type, claim()));
        expectProblem(answer, 415, "unsupported_media_type");
        expect(answer.headers["accept-post"]).toBe("application/json, application/x-www-form-urlencoded");
      }
    });
  });

  describe("malformed bodies", () => {
    it.each([
      ["half an object", JSON_TYPE, '{"token":'],
      ["single quotes", JSON_TYPE, "{'token': 'x'}"],
      ["a form said to be JSON", JSON_TYPE, "token=x&id=y"],
      ["a lone NUL", JSON_TYPE, "\0"],
      ["an array", JSON_TYPE, '[{"token":"x"}]'],
      ["a number", JSON_TYPE, "5"],
      // serverless-offline hands these two over parsed.
      ["zero", JSON_TYPE, "0"],
      ["false", JSON_TYPE, "false"],
      ["a string", JSON_TYPE, '"token"'],
      ["10,000 brackets", JSON_TYPE, "[".repeat(10_000)],
      ["half an escape", FORM_TYPE, "token=%4"],
      ["a bare percent sign", FORM_TYPE, "token=100%&id=y"],
      ["escapes that are not UTF-8", FORM_TYPE, "token=%FF"],
      ["an escaped half of a surrogate pair", FORM_TYPE, "token=%ED%A0%80"],
      ["bytes that are not UTF-8", FORM_TYPE, Buffer.from("content=caf\xe9", "latin1")],
      ["half a character", FORM_TYPE, Buffer.from("content=😀").subarray(0, -1)],
    ])("answers 400 to %s, on every route", async (_, type, body) => {
      for (const path of POSTS) {
        const answer = await api(post(path, type, body));
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual([]);
      }
    });
  });

  describe("missing and wrong fields", () => {
    it.each([
      ["/register", ["password", "username"]],
      ["/login", ["password", "username"]],
      ["/logout", ["id"]],
      ["/password", ["id", "newPassword", "password"]],
      ["/account/delete", ["id", "password"]],
      ["/send", ["content", "id", "sendToId"]],
      ["/sync", ["id"]],
      ["/files", ["bytes", "sha256"]],
    ])("%s lists each that it misses", async (path, fields) => {
      for (const call of [json(path, {}), post(path, FORM_TYPE, "x=y"), { method: "POST", path }]) {
        const answer = await api(call);
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(fields);
        for (const field of fields) expect(answer.body["detail"]).toContain(field);
      }
    });

    it("lists every wrong field, not only the first", async () => {
      const wrong = { token: 1, id: 2, username: "a", ack: "!", limit: 0 };
      expect(fieldsIn(await api(json("/sync", wrong)))).toEqual(["ack", "id", "limit", "token", "username"]);
    });

    it("does not take fields from a prototype", async () => {
      const body = `{"__proto__":${JSON.stringify(claimOf(ann))}}`;
      expect(fieldsIn(await api(post("/sync", JSON_TYPE, body)))).toEqual(["id"]);
    });

    it("takes the last of two fields with one name", async () => {
      const twice = `{"id":"x",${JSON.stringify(claimOf(ann)).slice(1)}`;
      expect((await api(post("/sync", JSON_TYPE, twice))).status).toBe(200);
      const { token, id } = ann;
      expect((await api(post("/sync", FORM_TYPE, `id=x&token=${token}&id=${id}`))).status).toBe(200);
    });
  });

  describe("a missing token", () => {
    it("is 401 on every route that wants one", async () => {
      const { id } = ann;
      const calls = [
        json("/sync", { id }),
        json("/sync", { id, token: "" }),
        json("/send", { id, sendToId: id, content: "x" }),
        json("/logout", { id }),
        json("/password", { id, password: PASSWORD, newPassword: PASSWORD }),
        json("/account/delete", { id, password: PASSWORD }),
        { method: "GET", path: "/sessions" },
        { method: "DELETE", path: `/sessions/${"x".repeat(22)}` },
        { method: "GET", path: "/blocks" },
        { method: "PUT", path: `/blocks/${id}` },
        { method: "DELETE", path: `/blocks/${id}` },
        { ...json("/sync", { id }), headers: { "content-type": JSON_TYPE, authorization: `Basic ${ann.token}` } },
        { ...json("/sync", { id }), headers: { "content-type": JSON_TYPE, authorization: ann.token } },
      ];
      for (const call of calls) {
        const answer = await api(call);
        expectProblem(answer, 401, "invalid_token");
        expect(answer.headers["www-authenticate"]).toBe("Bearer");
      }
    });

    it("is not made good by a bearer beside a wrong token in the body", async () => {
      const answer = await api(bearer(ann.token, json("/sync", { id: ann.id, token: "x" })));
      expectProblem(answer, 401, "invalid_token");
    });
  });
}
