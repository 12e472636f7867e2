import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type Api, bearer, type Call, find, json } from "../api.ts";
import { untriedBy } from "../documented.ts";
import { forgeries } from "../forgeries.ts";
import { claimOf, logIn, newPerson, PASSWORD, type Person } from "../logins.ts";
import { expectProblem } from "../problems.ts";

/** The API as a test calls it. */
export interface Service {
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
        // The repeat of a deletion that is done is answered alike: see account.ts.
        const isOther = ({ path }: { path: string }) => what !== "of a user removed" || path !== "/account/delete";
        const calls = withToken(token, of, bearerCharacters).filter(isOther);
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

    /** Tokens that were right once, and whose sessions have ended in each of the ways in which one can, and in no other. */
    async function endedTokens() {
      const { username } = await newPerson(api);
      const [loggedOut, endedByAnother] = [await logIn(api, username), await logIn(api, username)] as const;
      const current = await logIn(api, username);
      await succeed(json("/logout", claimOf(loggedOut)));
      const { sessions } = (await api(bearer(endedByAnother.token, { method: "GET", path: "/sessions" }))).body;
      const { sessionId } = (sessions as { sessionId: string; current: boolean }[]).find((one) => one.current) ?? {};
      await succeed(bearer(current.token, { method: "DELETE", path: `/sessions/${sessionId}` }));
      const device = (await api(json("/login", { username, password: PASSWORD, deviceName: "Laptop" }))).body;
      const ofRemovedDevice = { ...current, token: String(device["token"]) };
      await succeed(bearer(current.token, { method: "DELETE", path: `/devices/${device["deviceId"]}` }));
      const ofAnOldPassword = await newPerson(api);
      const changing = await logIn(api, ofAnOldPassword.username);
      const password = { password: PASSWORD, newPassword: `${PASSWORD}, changed` };
      await succeed(json("/password", { ...claimOf(changing), ...password }));
      const removed = await newPerson(api);
      await succeed(json("/account/delete", { ...claimOf(removed), password: PASSWORD }));
      return [
        { what: "of a session logged out", token: loggedOut.token, of: loggedOut },
        { what: "of a session ended by another", token: endedByAnother.token, of: endedByAnother },
        { what: "of a session before the password changed", token: ofAnOldPassword.token, of: ofAnOldPassword },
        { what: "of a device removed", token: ofRemovedDevice.token, of: ofRemovedDevice },
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
          json("/devices", { ...stolen, ...OWN_DEVICE }),
          json("/devices", { ...named, ...OWN_DEVICE }),
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
        await whileOut(victim, thief, (out) => [...syncs(thief, victim, out), ...besideTheChannel(thief, victim, out)]);
      }
    });

    it("open no channel by any route at all, nor by the end of one's own session and account", async () => {
      const [victim] = people as [Person];
      const thief = await newPerson(api);
      const [elsewhere, moving] = [await logIn(api, thief.username), await logIn(api, thief.username)];
      const calls = await whileOut(victim, thief, (out) => [
        ...syncs(thief, victim, out),
        ...besideTheChannel(thief, victim, out),
        ...fileTries(thief),
        ...ofOnesOwnEnd(thief, elsewhere, moving, victim),
      ]);
      expect(untriedBy(calls)).toEqual([]);
    });

    /**
     * Makes calls as the thief while a batch of the victim's is out, a message of theirs to the victim among them: the
     * victim gets the very same batch once more, and then that message.
     */
    async function whileOut(victim: Person, thief: Person, tries: (out: Out) => Try[]): Promise<Call[]> {
      const { sessions } = (await api(bearer(victim.token, { method: "GET", path: "/sessions" }))).body;
      const [{ sessionId }] = sessions as [{ sessionId: string }];
      const ofOwn = { username: victim.username, password: PASSWORD, deviceName: "Laptop", loginId: victim.id };
      const deviceId = String((await api(json("/login", ofOwn))).body["deviceId"]);
      await api(json("/sync", claimOf(victim)));
      await api(json("/send", { ...claimOf(victim), sendToId: victim.id, content: "secret" }));
      const out = await api(json("/sync", { ...claimOf(victim), ack: victim.receipt }));
      const [{ messageId }] = out.body["messages"] as [{ messageId: string }];
      const tried = tries({ receipt: String(out.body["receipt"]), messageId, sessionId, deviceId });
      for (const [call, status] of tried) {
        const answer = await api(call);
        expect(answer.status, `${call.method} ${call.path}: ${answer.text}`).toBe(status);
        expect(answer.text).not.toContain("secret");
      }
      const again = await api(json("/sync", { ...claimOf(victim), ack: victim.receipt }));
      const [message] = out.body["messages"] as [object];
      expect(again.body).toEqual({ ...out.body, messages: [{ ...message, redelivered: true }], more: true });
      expect(message).toMatchObject({ content: "secret", redelivered: false });
      const next = await api(json("/sync", { ...claimOf(victim), ack: out.body["receipt"] }));
      expect(next.body["messages"]).toMatchObject([{ messageId, senderId: thief.id, redelivered: false }]);
      await api(json("/sync", { ...claimOf(victim), ack: next.body["receipt"] }));
      return tried.map(([call]) => call);
    }
  });
}

/** What a thief may have learned of a victim, whose batch of one message is out. */
interface Out {
  readonly receipt: string;
  readonly messageId: string;
  /** Of the victim's session. */
  readonly sessionId: string;
  /** Of another device of the victim. */
  readonly deviceId: string;
}

/** A call, and the status that it is answered by. */
type Try = readonly [call: Call, status: number];

const syncs = (thief: Person, victim: Person, { receipt }: Out): Try[] => [
  [json("/sync", claimOf(thief)), 200],
  [json("/sync", { ...claimOf(thief), ack: victim.receipt }), 200],
  [json("/sync", { ...claimOf(thief), ack: receipt }), 200],
  [json("/sync", { ...claimOf(thief), ack: receipt, receiverId: victim.id, userId: victim.id }), 200],
  [json("/sync", { ...claimOf(thief), id: victim.id, ack: receipt }), 403],
  [bearer(thief.token, json("/sync", { id: victim.id })), 403],
];

function besideTheChannel(thief: Person, victim: Person, { messageId, sessionId, deviceId }: Out): Try[] {
  const own = (method: string, path: string) => bearer(thief.token, { method, path });
  return [
    [find(victim.username, thief.token), 200],
    [json("/send", { ...claimOf(thief), sendToId: victim.id, messageId, content: "instead" }), 202],
    [own("GET", "/sessions"), 200],
    [own("DELETE", `/sessions/${sessionId}`), 204],
    [own("GET", "/push"), 200],
    // The thief is on the shared device. Whoever's device is named, a subscription is the token's own.
    [bearer(thief.token, { ...json("/push", { ...SUBSCRIPTION, id: victim.id, deviceId }), method: "PUT" }), 400],
    [bearer(thief.token, { ...json("/push", { id: victim.id, deviceId }), method: "DELETE" }), 204],
    [own("GET", "/devices"), 200],
    [own("DELETE", `/devices/${deviceId}`), 404],
    [own("PUT", `/blocks/${victim.id}`), 204],
    [own("GET", "/blocks"), 200],
    [own("DELETE", `/blocks/${victim.id}`), 204],
    ...groupTries(thief, victim),
  ];
}

const NO_GROUP = `/groups/g-${"A".repeat(22)}`;

function groupTries(thief: Person, victim: Person): Try[] {
  const own = (method: string, path: string) => bearer(thief.token, { method, path });
  return [
    // With the victim in it there would be one more message.
    [bearer(thief.token, json("/groups", { name: "A trap", members: [victim.id, randomUUID()] })), 404],
    [own("GET", "/groups"), 200],
    [own("GET", NO_GROUP), 404],
    [bearer(thief.token, { ...json(NO_GROUP, { name: "x" }), method: "PATCH" }), 404],
    [own("PUT", `${NO_GROUP}/members/${victim.id}`), 404],
    [own("DELETE", `${NO_GROUP}/members/${victim.id}`), 404],
    [own("POST", `${NO_GROUP}/invite`), 404],
    [bearer(thief.token, json("/groups/join", { code: `g-${"A".repeat(22)}.x` })), 403],
  ];
}

/** Files are no channel, and belong to whoever knows their id. */
const fileTries = (thief: Person): Try[] => [
  [bearer(thief.token, json("/files", UPLOAD)), 201],
  [bearer(thief.token, { method: "GET", path: NO_FILE }), 200],
];

/** The routes that hash a password, or take a token; after these the thief is gone. */
function ofOnesOwnEnd(thief: Person, elsewhere: Person, moving: Person, victim: Person): Try[] {
  const newPassword = "another password";
  return [
    [json("/register", { username: victim.username, password: PASSWORD }), 409],
    [json("/login", { username: victim.username, password: newPassword }), 401],
    [json("/logout", claimOf(elsewhere)), 204],
    [json("/devices", { ...claimOf(moving), ...OWN_DEVICE }), 200],
    [json("/password", { ...claimOf(thief), password: PASSWORD, newPassword }), 204],
    [json("/account/delete", { ...claimOf(thief), password: newPassword }), 204],
  ];
}

const UPLOAD = { bytes: 16, sha256: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" };
/** A file that nobody has uploaded: its id is no secret. */
const NO_FILE = `/files/${"A".repeat(22)}`;

/** Of an address, so that no name is looked up. */
const SUBSCRIPTION = {
  endpoint: "https://8.8.8.8/p",
  keys: {
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  },
};

const OWN_DEVICE = { deviceName: "Laptop", loginId: "x".repeat(16) };

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
  json("/devices", { id, token, ...OWN_DEVICE }),
  json("/groups", { token, name: "x", members: [id] }),
  json("/groups/join", { token, code: "x" }),
  json("/files", { token, ...UPLOAD }),
  { ...json(NO_GROUP, { token, name: "x" }), method: "PATCH" },
  { ...json("/push", { token, ...SUBSCRIPTION }), method: "PUT" },
];

/** Those that show and change what is the token's owner's. */
const ownRoutes = (id: string): (readonly [method: string, path: string])[] => [
  ["GET", "/sessions"],
  ["DELETE", `/sessions/${"A".repeat(22)}`],
  ["GET", "/push"],
  ["DELETE", "/push"],
  ["GET", "/devices"],
  ["DELETE", "/devices/shared"],
  ["GET", "/blocks"],
  ["PUT", `/blocks/${id}`],
  ["DELETE", `/blocks/${id}`],
  ["GET", "/groups"],
  ["GET", NO_GROUP],
  ["PUT", `${NO_GROUP}/members/${id}`],
  ["DELETE", `${NO_GROUP}/members/${id}`],
  ["POST", `${NO_GROUP}/invite`],
  ["GET", NO_FILE],
];
