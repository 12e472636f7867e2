import { beforeAll, describe, expect, it } from "vitest";
import { type Api, bearer, type Call, find, json } from "../support/api.ts";
import { forgeries } from "../support/forgeries.ts";
import { claimOf, logIn, newPerson, type Person } from "../support/logins.ts";
import { expectProblem } from "../support/problems.ts";

interface Service {
  readonly api: Api;
  readonly tokenKey: Buffer;
}

/** Whom the API lets in: forged tokens, and users who try each other's ids and names. */
export function doorsContract(theService: () => Service): void {
  let api: Api;
  let tokenKey: Buffer;
  let people: Person[];
  beforeAll(async () => {
    ({ api, tokenKey } = theService());
    people = await Promise.all([newPerson(api), newPerson(api), newPerson(api)]);
  });

  describe("forged tokens", () => {
    it("are refused on every route by 401 and one and the same body", async () => {
      const [ann] = people as [Person];
      const ended = await logIn(api, ann.username);
      await api(json("/logout", claimOf(ended)));
      const forged = { ...(await forgeries(ann, tokenKey)), "of a session logged out": ended.token };
      const bodies = new Set<string>();
      for (const [what, token] of Object.entries(forged)) {
        for (const call of withToken(token, ann)) {
          const answer = await api(call);
          expect(answer.status, `${call.path}: ${what}`).toBe(401);
          expectProblem(answer, 401, "invalid_token");
          bodies.add(JSON.stringify({ ...answer.body, requestId: "" }));
        }
      }
      expect(Object.keys(forged).length).toBeGreaterThan(20);
      expect([...bodies]).toHaveLength(1);
    });

    it("leave the right token right", async () => {
      const [ann] = people as [Person];
      for (const call of withToken(ann.token, ann).slice(0, 3)) expect((await api(call)).status).toBeLessThan(300);
    });
  });

  describe("another's id and another's username", () => {
    it("are 403 on every route, for every pair of users", async () => {
      for (const [thief, victim] of pairs(people)) {
        const own = claimOf(thief);
        const stolen = { ...own, id: victim.id };
        const named = { ...own, username: victim.username };
        const message = { sendToId: thief.id, content: "in your name" };
        const calls = [
          json("/send", { ...stolen, ...message }),
          json("/send", { ...named, ...message }),
          json("/sync", stolen),
          json("/sync", { ...stolen, ack: victim.receipt }),
          json("/sync", named),
          json("/logout", stolen),
          json("/logout", named),
        ];
        for (const call of calls) expectProblem(await api(call), 403, "forbidden");
      }
    });

    it("open no channel: nobody reads or settles what is another's", async () => {
      for (const [thief, victim] of pairs(people)) {
        await api(json("/sync", claimOf(victim)));
        await api(json("/send", { ...claimOf(victim), sendToId: victim.id, content: "secret" }));
        const out = await api(json("/sync", { ...claimOf(victim), ack: victim.receipt }));
        const tries = [
          json("/sync", claimOf(thief)),
          json("/sync", { ...claimOf(thief), ack: victim.receipt }),
          json("/sync", { ...claimOf(thief), ack: out.body["receipt"] }),
          json("/sync", { ...claimOf(thief), ack: out.body["receipt"], receiverId: victim.id, userId: victim.id }),
          json("/sync", { ...claimOf(thief), id: victim.id, ack: out.body["receipt"] }),
          bearer(thief.token, json("/sync", { id: victim.id })),
          find(victim.username, thief.token),
        ];
        for (const call of tries) expect((await api(call)).text).not.toContain("secret");
        const again = await api(json("/sync", { ...claimOf(victim), ack: victim.receipt }));
        expect(again.body).toEqual(out.body);
        expect(again.body["messages"]).toMatchObject([{ content: "secret", redelivered: false }]);
        await api(json("/sync", { ...claimOf(victim), ack: out.body["receipt"] }));
      }
    });
  });
}

const pairs = (people: readonly Person[]): [Person, Person][] =>
  people.flatMap((one) => people.filter((other) => other !== one).map((other): [Person, Person] => [one, other]));

/** Every route that wants a token; in the body as far as it fits there, and as a bearer as far as a header takes it. */
function withToken(token: string, { id, username }: Person): Call[] {
  const isHeaderText = /^[\x21-\x7e]*$/.test(token) && token.length < 8_000;
  const fitsBody = token.length < 60_000;
  return [
    ...(fitsBody ? [json("/sync", { id, token }), json("/send", { id, token, sendToId: id, content: "x" })] : []),
    ...(isHeaderText ? [find(username, token), bearer(token, json("/sync", { id }))] : []),
    ...(fitsBody ? [json("/logout", { id, token })] : []),
  ];
}
