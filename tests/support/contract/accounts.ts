import { beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Api, bearer, find, form, json } from "../api.ts";
import { claimOf, logIn, newPerson, newUsername, PASSWORD, type Person } from "../logins.ts";
import { expectProblem, fieldsIn } from "../problems.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const DAY = 86_400_000;

/** What api.md says of register, login, logout and the look-up by name. */
export function accountsContract(theApi: () => Api): void {
  let api: Api;
  let ann: Person;
  beforeAll(async () => {
    api = theApi();
    ann = await newPerson(api);
  });

  describe("POST /register", () => {
    it("answers 201 with the id and the username, in lower case", async () => {
      const username = newUsername();
      const answer = await api(json("/register", { username: username.toUpperCase(), password: PASSWORD }));
      expect(answer.status).toBe(201);
      expect(answer.body).toEqual({ id: expect.stringMatching(UUID), username });
      expect(answer.headers["content-type"]).toMatch(/^application\/json\b/);
      expect(answer.headers["x-request-id"]).toMatch(/\S/);
    });

    it("takes a form", async () => {
      const username = newUsername();
      const answer = await api(form("/register", { username, password: "a+b c&d=e%f" }));
      expect(answer.status).toBe(201);
      expect((await api(json("/login", { username, password: "a+b c&d=e%f" }))).status).toBe(200);
    });

    it("gives a username once, ignoring case", async () => {
      const again = await api(json("/register", { username: ann.username.toUpperCase(), password: PASSWORD }));
      expectProblem(again, 409, "username_taken");
      expect((await logIn(api, ann.username)).id).toBe(ann.id);
    });

    it.each([
      ["a reserved username", { username: "Ad-min", password: PASSWORD }, "username"],
      ["one of the commonest passwords", { username: newUsername(), password: "Password1" }, "password"],
      ["the username as the password", { username: "u-a-long-name", password: "U-A-Long-Name" }, "password"],
    ])("answers 400 to %s", async (_, fields, field) => {
      const answer = await api(json("/register", fields));
      expectProblem(answer, 400, "invalid_request");
      expect(answer.body["errors"]).toEqual([{ field, detail: expect.stringContaining("choose another one") }]);
    });

    it("answers 400 to a password with a line break, which no login could type", async () => {
      const answer = await api(json("/register", { username: newUsername(), password: `${PASSWORD}\n` }));
      expectProblem(answer, 400, "invalid_request");
      expect(fieldsIn(answer)).toEqual(["password"]);
    });

    it("gives a username once, though many ask at once", async () => {
      const username = newUsername();
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => api(json("/register", { username, password: PASSWORD }))),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      const winner = answers.find(({ status }) => status === 201);
      expect((await logIn(api, username)).id).toBe(winner?.body["id"]);
    });
  });

  describe("POST /login", () => {
    it("answers 200 with a token, the user, a first receipt and the token's end in 30 days", async () => {
      const { status, body } = await api(json("/login", { username: ann.username, password: PASSWORD }));
      expect(status).toBe(200);
      expect(body).toEqual({
        token: expect.stringMatching(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/),
        id: ann.id,
        username: ann.username,
        receipt: expect.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
        deviceId: "shared",
        expiresAt: expect.stringMatching(RFC3339),
      });
      const left = Date.parse(String(body["expiresAt"])) - Date.now();
      expect(left).toBeGreaterThan(29.9 * DAY);
      expect(left).toBeLessThanOrEqual(30 * DAY);
    });

    it("encrypts the token by dir and A256GCM", async () => {
      const [header = ""] = ann.token.split(".");
      expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({ alg: "dir", enc: "A256GCM" });
    });

    it("ignores the username's case and takes a form", async () => {
      const { status, body } = await api(form("/login", { username: ann.username.toUpperCase(), password: PASSWORD }));
      expect(status).toBe(200);
      expect(body["username"]).toBe(ann.username);
    });

    it("gives each login a token and a receipt of its own", async () => {
      const other = await logIn(api, ann.username);
      expect(other.token).not.toBe(ann.token);
      expect(other.receipt).not.toBe(ann.receipt);
    });

    it.each([
      ["of 8 letters", "\u00e9\u00e8\u00ea\u00eb\u00e7\u00e0\u00e2\u00e4"],
      ["of 100 letters, which are 200 characters in another form", "\u00e9".repeat(100)],
    ])("takes a password in whichever form a keyboard writes it, %s", async (_, password) => {
      const forms = [password, password.normalize("NFD")];
      for (const chosen of forms) {
        const username = newUsername();
        expect((await api(json("/register", { username, password: chosen }))).status).toBe(201);
        for (const typed of forms) {
          expect((await api(json("/login", { username, password: typed }))).status).toBe(200);
        }
      }
    });

    it("answers an unknown user and a wrong password alike", async () => {
      const unknown = await api(json("/login", { username: newUsername(), password: PASSWORD }));
      const wrong = await api(json("/login", { username: ann.username, password: `${PASSWORD}!` }));
      expectProblem(wrong, 401, "invalid_credentials");
      expect(withoutRequest(unknown)).toEqual(withoutRequest(wrong));
    });

    it("tells apart passwords that differ in case or by a space", async () => {
      for (const password of [PASSWORD.toUpperCase(), ` ${PASSWORD}`, `${PASSWORD} `]) {
        const answer = await api(json("/login", { username: ann.username, password }));
        expectProblem(answer, 401, "invalid_credentials");
      }
    });

    it("answers 429 with Retry-After after 10 failures, even to the right password, for this username only", async () => {
      const victim = await newPerson(api);
      const wrong = json("/login", { username: victim.username, password: "not the password" });
      for (let failure = 0; failure < 10; failure++) expectProblem(await api(wrong), 401, "invalid_credentials");
      for (const call of [wrong, json("/login", { username: victim.username, password: PASSWORD })]) {
        const refused = await api(call);
        expectProblem(refused, 429, "too_many_attempts");
        expect(refused.headers["retry-after"]).toMatch(/^\d+$/);
        expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
        expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(15 * 60);
      }
      expect((await logIn(api, ann.username)).id).toBe(ann.id);
      expect((await api(json("/sync", claimOf(victim)))).status).toBe(200);
    });

    it("forgets the failures before a login that succeeds", async () => {
      const forgetful = await newPerson(api);
      const wrong = json("/login", { username: forgetful.username, password: "not the password" });
      for (let failure = 0; failure < 9; failure++) expectProblem(await api(wrong), 401, "invalid_credentials");
      await logIn(api, forgetful.username);
      expectProblem(await api(wrong), 401, "invalid_credentials");
      await logIn(api, forgetful.username);
    });
  });

  describe("POST /logout", () => {
    it("answers 204 without a body, and the token is dead at once on every route", async () => {
      const person = await logIn(api, ann.username);
      const claim = claimOf(person);
      const bye = await api(json("/logout", claim));
      expect(bye.status).toBe(204);
      expect(bye.text).toBe("");
      const calls = [
        json("/sync", claim),
        json("/send", { ...claim, sendToId: ann.id, content: "after the logout" }),
        find(ann.username, person.token),
        json("/logout", claim),
      ];
      for (const call of calls) expectProblem(await api(call), 401, "invalid_token");
    });

    it("ends one session and leaves the user's others", async () => {
      const person = await logIn(api, ann.username);
      await api(json("/logout", claimOf(person)));
      expect((await api(json("/sync", claimOf(ann)))).status).toBe(200);
    });

    it("takes the token as a bearer, and a form", async () => {
      for (const call of [json, form]) {
        const person = await logIn(api, ann.username);
        expect((await api(bearer(person.token, call("/logout", { id: ann.id })))).status).toBe(204);
        expectProblem(await api(json("/sync", claimOf(person))), 401, "invalid_token");
      }
    });
  });

  describe("GET /users/{username}", () => {
    it("answers 200 with the id and the username, ignoring case", async () => {
      for (const name of [ann.username, ann.username.toUpperCase(), ann.username.replace("u", "%75")]) {
        const answer = await api(find(name, ann.token));
        expect(answer.status).toBe(200);
        expect(answer.body).toEqual({ id: ann.id, username: ann.username });
      }
    });

    it("answers 404 for a name that nobody has", async () => {
      expectProblem(await api(find(newUsername(), ann.token)), 404, "unknown_user");
    });

    it.each(["no", "a%20b", "%00%00%00", "b%C3%B6b", "x".repeat(33)])("answers 400 to %s", async (name) => {
      const answer = await api(find(name, ann.token));
      expectProblem(answer, 400, "invalid_request");
      expect(answer.body["errors"]).toEqual([{ field: "username", detail: expect.any(String) }]);
    });

    it("answers 401 without a token", async () => {
      expectProblem(await api({ method: "GET", path: `/users/${ann.username}` }), 401, "invalid_token");
    });
  });
}

/** An answer without what names the request and the moment. */
function withoutRequest({ status, headers, body }: Answer): unknown {
  const { "x-request-id": _id, date: _date, ...alike } = headers;
  return { status, headers: alike, body: { ...body, requestId: "" } };
}
