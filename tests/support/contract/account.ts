import { v7 as uuidv7 } from "uuid";
import { beforeAll, describe, expect, it } from "vitest";
import { type Api, bearer, type Call, type Fields, find, form, json } from "../api.ts";
import { claimOf, logIn, newPerson, newUsername, PASSWORD, type Person } from "../logins.ts";
import { expectProblem, fieldsIn } from "../problems.ts";

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NEW_PASSWORD = "another battery staple";
const NOBODY = "00000000-0000-4000-8000-000000000000";

/** What holds of one's own account: its sessions, its password, its end, and whom it has blocked. */
export function accountContract(theApi: () => Api): void {
  let api: Api;
  let ann: Person;
  let bob: Person;
  const own = (person: Person, method: string, path: string) => api(bearer(person.token, { method, path }));
  const send = (from: Person, to: Person, fields: Fields = {}) =>
    api(json("/send", { ...claimOf(from), sendToId: to.id, content: "hello", ...fields }));
  const isAlive = async (person: Person) => (await api(json("/sync", claimOf(person)))).status === 200;

  beforeAll(async () => {
    api = theApi();
    [ann, bob] = await Promise.all([newPerson(api), newPerson(api)]);
  });

  describe("sessions", () => {
    const sessionsOf = async (person: Person) => {
      const { status, body } = await own(person, "GET", "/sessions");
      expect(status).toBe(200);
      return body["sessions"] as Record<string, unknown>[];
    };

    it("are listed, newest first, with what tells them apart and which one asks", async () => {
      const carol = await newPerson(api);
      const call = json("/login", { username: carol.username, password: PASSWORD });
      const agent = `Mozilla/5.0 (X11; Linux) \u00e9${"x".repeat(500)}`;
      await api({ ...call, headers: { ...call.headers, "user-agent": agent } });
      const sessions = await sessionsOf(carol);
      expect(sessions).toEqual(
        [false, true].map((current) => ({
          sessionId: expect.stringMatching(/^[\w-]{22}$/),
          deviceId: "shared",
          createdAt: expect.stringMatching(RFC3339),
          expiresAt: expect.stringMatching(RFC3339),
          userAgent: expect.stringMatching(/^[\x20-\x7e]{0,160}$/),
          current,
        })),
      );
      expect(sessions[0]?.["userAgent"]).toMatch(/^Mozilla\/5\.0 \(X11; Linux\) \S*x{100}/);
    });

    it("end one by one, at once, and may be ended again", async () => {
      const carol = await newPerson(api);
      const other = await logIn(api, carol.username);
      const [ended] = (await sessionsOf(carol)).filter(({ current }) => !current);
      for (let time = 0; time < 2; time++) {
        const answer = await own(carol, "DELETE", `/sessions/${ended?.["sessionId"]}`);
        expect(answer.status).toBe(204);
        expect(answer.text).toBe("");
      }
      expectProblem(await api(json("/sync", claimOf(other))), 401, "invalid_token");
      expect(await sessionsOf(carol)).toHaveLength(1);
    });

    it("end by their own hand, too", async () => {
      const other = await logIn(api, ann.username);
      const [present] = (await sessionsOf(other)).filter(({ current }) => current);
      expect((await own(other, "DELETE", `/sessions/${present?.["sessionId"]}`)).status).toBe(204);
      expectProblem(await own(other, "GET", "/sessions"), 401, "invalid_token");
    });

    it.each(["x", "a%20b", "x".repeat(23), "%23".repeat(22)])("answer 400 to the id %s", async (id) => {
      const answer = await own(ann, "DELETE", `/sessions/${id}`);
      expectProblem(answer, 400, "invalid_request");
      expect(fieldsIn(answer)).toEqual(["sessionId"]);
    });
  });

  describe("POST /password", () => {
    it("answers 204, ends all other sessions at once, and lets in by the new password only", async () => {
      const carol = await newPerson(api);
      const others = await Promise.all([logIn(api, carol.username), logIn(api, carol.username)]);
      const change = { ...claimOf(carol), password: PASSWORD, newPassword: NEW_PASSWORD };
      const answer = await api(json("/password", change));
      expect(answer.status).toBe(204);
      expect(answer.text).toBe("");
      for (const other of others) expectProblem(await api(json("/sync", claimOf(other))), 401, "invalid_token");
      expect(await isAlive(carol)).toBe(true);
      const login = (password: string) => api(json("/login", { username: carol.username, password }));
      expectProblem(await login(PASSWORD), 401, "invalid_credentials");
      expect((await login(NEW_PASSWORD)).status).toBe(200);
    });

    it("may be repeated by the session that made the change, and by no other", async () => {
      const carol = await newPerson(api);
      const change = { password: PASSWORD, newPassword: NEW_PASSWORD };
      for (const call of [json, form])
        expect((await api(call("/password", { ...claimOf(carol), ...change }))).status).toBe(204);
      const { body } = await api(json("/login", { username: carol.username, password: NEW_PASSWORD }));
      const other = { token: body["token"], id: carol.id };
      expectProblem(await api(json("/password", { ...other, ...change })), 401, "invalid_credentials");
      expect(await isAlive(carol)).toBe(true);
    });

    it("answers 401 to a wrong password, and ends nothing", async () => {
      const carol = await newPerson(api);
      const other = await logIn(api, carol.username);
      const change = { ...claimOf(carol), password: "not the password", newPassword: NEW_PASSWORD };
      expectProblem(await api(json("/password", change)), 401, "invalid_credentials");
      expect([await isAlive(carol), await isAlive(other)]).toEqual([true, true]);
      await logIn(api, carol.username);
    });

    it("answers 400 to a new password that breaks the rules", async () => {
      const answer = await api(json("/password", { ...claimOf(ann), password: PASSWORD, newPassword: "short" }));
      expectProblem(answer, 400, "invalid_request");
      expect(fieldsIn(answer)).toEqual(["newPassword"]);
    });

    it("slows guessing down together with deletions, apart from logins", async () => {
      const victim = await newPerson(api);
      const wrong = { password: "not the password" };
      const login = json("/login", { username: victim.username, ...wrong });
      const guesses = [
        json("/password", { ...claimOf(victim), ...wrong, newPassword: NEW_PASSWORD }),
        json("/account/delete", { ...claimOf(victim), ...wrong }),
      ];
      for (let guess = 0; guess < 10; guess++) {
        expectProblem(await api(guesses[guess % 2] as Call), 401, "invalid_credentials");
        expectProblem(await api(login), 401, "invalid_credentials");
      }
      for (const guess of [...guesses, login]) {
        const answer = await api(guess);
        expectProblem(answer, 429, "too_many_attempts");
        expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      }
    });
  });

  describe("POST /account/delete", () => {
    it("answers 204; nobody is let in, found or sent to, on any route", async () => {
      const gone = await newPerson(api);
      const other = await logIn(api, gone.username);
      await send(bob, gone);
      const answer = await api(json("/account/delete", { ...claimOf(gone), password: PASSWORD }));
      expect(answer.status).toBe(204);
      expect(answer.text).toBe("");
      const bodies = new Set<string>();
      for (const person of [gone, other]) {
        for (const call of [
          json("/sync", claimOf(person)),
          json("/send", { ...claimOf(person), sendToId: bob.id, content: "from beyond" }),
          json("/logout", claimOf(person)),
          json("/password", { ...claimOf(person), password: PASSWORD, newPassword: NEW_PASSWORD }),
          find(bob.username, person.token),
          bearer(person.token, { method: "GET", path: "/sessions" }),
          bearer(person.token, { method: "GET", path: "/blocks" }),
          bearer(person.token, { method: "PUT", path: `/blocks/${bob.id}` }),
          bearer(person.token, { method: "GET", path: "/devices" }),
          bearer(person.token, { method: "DELETE", path: "/devices/shared" }),
          json("/devices", { ...claimOf(person), deviceName: "x", loginId: "x".repeat(16) }),
        ]) {
          const refused = await api(call);
          expectProblem(refused, 401, "invalid_token");
          bodies.add(JSON.stringify({ ...refused.body, requestId: "" }));
        }
      }
      expect([...bodies]).toHaveLength(1);
      expectProblem(await send(bob, gone), 404, "unknown_receiver");
      expectProblem(await api(find(gone.username, bob.token)), 404, "unknown_user");
      const login = await api(json("/login", { username: gone.username, password: PASSWORD }));
      expectProblem(login, 401, "invalid_credentials");
    });

    it("answers a repeat alike, by any of the user's tokens and with any password, as the answer may have been lost", async () => {
      const gone = await newPerson(api);
      const other = await logIn(api, gone.username);
      for (const [person, password] of [
        [gone, PASSWORD],
        [gone, PASSWORD],
        [other, "any password"],
      ] as const) {
        const answer = await api(json("/account/delete", { ...claimOf(person), password }));
        expect([answer.status, answer.text]).toEqual([204, ""]);
      }
    });

    it("keeps the name from everybody, its last owner included", async () => {
      const gone = await newPerson(api);
      await api(json("/account/delete", { ...claimOf(gone), password: PASSWORD }));
      const registered = await api(json("/register", { username: gone.username, password: PASSWORD }));
      expectProblem(registered, 409, "username_taken");
      expectProblem(await api(find(gone.username, bob.token)), 404, "unknown_user");
      expectProblem(await api(json("/sync", claimOf(gone))), 401, "invalid_token");
      expectProblem(await send(bob, gone), 404, "unknown_receiver");
    });

    it("answers 401 to a wrong password, and deletes nothing", async () => {
      const carol = await newPerson(api);
      const answer = await api(json("/account/delete", { ...claimOf(carol), password: "not the password" }));
      expectProblem(answer, 401, "invalid_credentials");
      expect(await isAlive(carol)).toBe(true);
      expect((await send(bob, carol)).status).toBe(202);
    });
  });

  describe("blocks", () => {
    it("refuse a sender's messages by 403, store nothing, and can be taken back", async () => {
      const carol = await newPerson(api);
      const before = await send(bob, carol, { content: "before" });
      expect((await own(carol, "PUT", `/blocks/${bob.id}`)).status).toBe(204);
      expect((await own(carol, "GET", "/blocks")).body).toEqual({ blocks: [{ id: bob.id, username: bob.username }] });
      expectProblem(await send(bob, carol, { content: "during", messageId: uuidv7() }), 403, "blocked");
      // A retry of what was taken before the block is refused as well; the message is there, and is delivered.
      expectProblem(await send(bob, carol, { content: "before", messageId: before.body["messageId"] }), 403, "blocked");
      expect((await send(carol, bob)).status).toBe(202);
      expect((await send(ann, carol, { content: "from Ann" })).status).toBe(202);
      const { body } = await api(json("/sync", claimOf(carol)));
      expect((body["messages"] as Fields[]).map(({ content }) => content)).toEqual(["before", "from Ann"]);
      expect((await own(carol, "DELETE", `/blocks/${bob.id}`)).status).toBe(204);
      expect((await send(bob, carol)).status).toBe(202);
      await api(json("/sync", claimOf(bob)));
    });

    it("may be put and taken twice", async () => {
      const carol = await newPerson(api);
      for (const method of ["PUT", "PUT", "DELETE", "DELETE"]) {
        const answer = await own(carol, method, `/blocks/${bob.id.toUpperCase()}`);
        expect(answer.status).toBe(204);
        expect(answer.text).toBe("");
      }
      expect((await own(carol, "GET", "/blocks")).body).toEqual({ blocks: [] });
    });

    it("answer 404 to a user who does not exist, 400 to oneself and to what is no id", async () => {
      expectProblem(await own(ann, "PUT", `/blocks/${NOBODY}`), 404, "unknown_user");
      expectProblem(await own(ann, "PUT", `/blocks/${ann.id}`), 400, "invalid_request");
      for (const method of ["PUT", "DELETE"]) {
        const answer = await own(ann, method, `/blocks/${newUsername()}`);
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(["userId"]);
      }
    });
  });
}
