import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Invites } from "../../lib/accounts/invites.ts";
import type { RegistrationMode } from "../../lib/accounts/registration.ts";
import { type Answer, type Api, type Fields, form, json } from "../support/api.ts";
import { documented } from "../support/documented.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { makeFunctions } from "../support/functions.ts";
import { logIn, newUsername, PASSWORD } from "../support/logins.ts";
import { expectProblem, fieldsIn } from "../support/problems.ts";

const HOUR = 3_600_000;

/** The contract where not everybody may register; that of an open service is in `contract.test.ts`. */
describe("POST /register", () => {
  let engine: TestEngine;
  let api: Api;

  const start = async (mode: RegistrationMode): Promise<void> => {
    engine = await startEngine();
    api = documented(eventsApi(await makeFunctions(engine, { registration: mode })));
  };
  const newCode = () => new Invites(engine.accounts, Date.now).create(Date.now() + HOUR);
  const register = (username: string, fields: Fields = {}, call = json): Promise<Answer> =>
    api(call("/register", { username, password: PASSWORD, ...fields }));

  describe("by invitation", () => {
    beforeAll(() => start("invite"));
    afterAll(() => engine?.stop());

    it("answers 400 without a code, and names the field", async () => {
      const answer = await register(newUsername());
      expectProblem(answer, 400, "invalid_request");
      expect(fieldsIn(answer)).toEqual(["inviteCode"]);
    });

    it("answers 403 to a wrong code", async () => {
      expectProblem(await register(newUsername(), { inviteCode: "AAAAA-AAAAA-AAAAA-AAAAA" }), 403, "invalid_invite");
    });

    it.each([
      ["JSON", json],
      ["a form", form],
    ])("answers 201 to a right code, once, in %s", async (_, call) => {
      const [username, inviteCode] = [newUsername(), await newCode()];
      const answer = await register(username, { inviteCode }, call);
      expect(answer.status).toBe(201);
      expect(answer.body).toEqual({ id: expect.any(String), username });
      expect((await logIn(api, username)).id).toBe(answer.body["id"]);
      expectProblem(await register(newUsername(), { inviteCode }, call), 403, "invalid_invite");
      // Whoever repeats a registration that succeeded is told the same as where no code is needed.
      expectProblem(await register(username, { inviteCode }, call), 409, "username_taken");
    });
  });

  describe("while it is closed", () => {
    beforeAll(() => start("closed"));
    afterAll(() => engine?.stop());

    it("answers 403, with a code or without", async () => {
      for (const fields of [{}, { inviteCode: await newCode() }]) {
        const username = newUsername();
        expectProblem(await register(username, fields), 403, "registration_closed");
        expectProblem(await api(json("/login", { username, password: PASSWORD })), 401, "invalid_credentials");
      }
    });
  });
});
