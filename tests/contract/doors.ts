import { beforeAll, describe, expect, it } from "vitest";
import { type Api, bearer, type Call, find, json } from "../support/api.ts";
import { forgeries } from "../support/forgeries.ts";
import { claimOf, logIn, newPerson, PASSWORD, type Person } from "../support/logins.ts";
import { expectProblem } from "../support/problems.ts";

interface Service {
  readonly api: Api;
  readonly tokenKey: Buffer;
  /** How long a token may be that a header carries to the functions; a server has a bound of its own. */
  readonly bearerCharacters: number;
}

/** Whom the API lets in: forged tokens, and users who try each other's ids and names. */
export function doorsContract(theService: () => Service): void {
  let api: Api;
  let tokenKey: Buffer;
  let bearerCharacters: number;
  let people: Person[];
  beforeAll(async () => {
    ({ api, tokenKey, bearerCharacters } = theService());
    people = await Promise.all([newPerson(api), newPerson(api), newPerson(api)]);
  });

  describe("forged tokens", () => {
    it("are refused on every route by 401 and one and the same body", async () => {
      const [ann] = people as [Person];
      const forged = Object.entries(await forgeries(ann, tokenKey)).map(([what, token]) => ({ what, token, of: ann }));
      expect(forged.length).toBeGreaterThan(20);
      const bodies = new Set<string>();
      const untried: string[] = [];
      for (const { what, token, of } of [...forged, ...(await endedTokens())]) {
        const calls = withToken(token, of, bearerCharacters);
        if (calls.length === 0) untried.push(what);
        for (const call of calls) {
          const answer = await api(call);
          expect(answer.status, `${call.method} ${call.path}: ${what}`).toBe(401);
          expectProblem(answer, 401, "invalid_token");
          bodies.add(JSON.stringify({ ...answer.body, requestId: "" }));
        }
      }
      expect([...bodies]).toHaveLength(1);
      expect(untried).toEqual(bearerCharacters === Number.POSITIVE_INFINITY ? [] : ["1 MB long"]);
    });

    /** Tokens that were right once, and whose sessions have ended in each of the ways in which one can. */
    async function endedTokens() {
      const { username } = await newPerson(api);
      const logins = [await logIn(api, username), await logIn(api, username), await logIn(api, username)] as const;
      const [loggedOut, endedByAnother, ofAnOldPassword] = logins;
      const current = await logIn(api, username);
      await succeed(json("/logout", claimOf(loggedOut)));
      const { sessions } = (await api(bearer(endedByAnother.token, { method: "GET", path: "/sessions" }))).body;
      const { sessionId } = (sessions as { sessionId: string; current: boolean }[]).find((one) => one.current) ?? {};
      await succeed(bearer(current.token, { method: "DELETE", path: `/sessions/${sessionId}` }));
      const password = { password: PASSWORD, newPassword: `${PASSWORD}, changed` };
      await succeed(json("/password", { ...claimOf(current), ...password }));
      const removed = await newPerson(api);
      await succeed(json("/account/delete", { ...claimOf(removed), password: PASSWORD }));
      return [
        { what: "of a session logged out", token: loggedOut.token, of: loggedOut },
        { what: "of a session ended by another", token: endedByAnother.token, of: endedByAnother },
        { what: "of a session before the password changed", token: ofAnOldPassword.token, of: ofAnOldPassword },
        { what: "of a user removed", token: removed.token, of: removed },
      ];
    }

    async function succeed(call: Call): Promise<void> {
      const { status, text } = await api(call);
      if (status !== 204) throw new Error(`${call.method} ${call.path}: ${text}`);
    }

    it("leave the right token right", async () => {
      const [ann] = people as [Person];
      for (const call of withToken(ann.token, ann, bearerCharacters).slice(0, 3))
        expect((await api(call)).status).toBeLessThan(300);
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
          json("/password", { ...stolen, password: PASSWORD, newPassword: "another password" }),
          json("/password", { ...named, password: PASSWORD, newPassword: "another password" }),
          json("/account/delete", { ...stolen, password: PASSWORD }),
          json("/account/delete", { ...named, password: PASSWORD }),
        ];
        for (const call of calls) expectProblem(await api(call), 403, "forbidden");
      }
    });

    it("open no account: nobody sees or ends another's sessions, or sees whom another has blocked", async () => {
      const list = async ({ token }: Person) => (await api(bearer(token, { method: "GET", path: "/sessions" }))).text;
      for (const [thief, victim] of pairs(people)) {
        await api(bearer(victim.token, { method: "PUT", path: `/blocks/${thief.id}` }));
        const ids = [...(await list(victim)).matchAll(/"sessionId":"([\w-]+)"/g)].map(([, id = ""]) => id);
        expect(ids.length).toBeGreaterThan(0);
        for (const id of ids) {
          expect(await list(thief)).not.toContain(id);
          await api(bearer(thief.token, { method: "DELETE", path: `/sessions/${id}` }));
          await api(bearer(thief.token, { ...json(`/sessions/${id}`, { id: victim.id }), method: "DELETE" }));
        }
        for (const id of ids) expect(await list(victim)).toContain(id);
        const blocks = await api(bearer(thief.token, { method: "GET", path: "/blocks" }));
        expect(blocks.body).toEqual({ blocks: [] });
        await api(bearer(victim.token, { method: "DELETE", path: `/blocks/${thief.id}` }));
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
function withToken(token: string, { id, username }: Person, bearerCharacters: number): Call[] {
  const isHeaderText = /^[\x21-\x7e]*$/.test(token) && token.length <= bearerCharacters;
  const fitsBody = token.length < 60_000;
  return [
    ...(fitsBody ? [json("/sync", { id, token }), json("/send", { id, token, sendToId: id, content: "x" })] : []),
    ...(isHeaderText ? [find(username, token), bearer(token, json("/sync", { id }))] : []),
    ...(fitsBody ? [json("/logout", { id, token })] : []),
    ...(fitsBody ? withPassword(token, id) : []),
    ...(isHeaderText ? ownRoutes(id).map(([method, path]) => bearer(token, { method, path })) : []),
  ];
}

const withPassword = (token: string, id: string): Call[] => [
  json("/password", { id, token, password: PASSWORD, newPassword: "another password" }),
  json("/account/delete", { id, token, password: PASSWORD }),
];

/** Those that show and change what is the token's owner's. */
const ownRoutes = (id: string): (readonly [method: string, path: string])[] => [
  ["GET", "/sessions"],
  ["DELETE", `/sessions/${"A".repeat(22)}`],
  ["GET", "/blocks"],
  ["PUT", `/blocks/${id}`],
  ["DELETE", `/blocks/${id}`],
];
