import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ChannelStore } from "../../lib/channel/channel-store.ts";
import { Delivery } from "../../lib/channel/delivery.ts";
import { MessageStore } from "../../lib/channel/message-store.ts";
import { Sending } from "../../lib/channel/sending.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { UserLimit } from "../../lib/rates/user-limit.ts";
import { type Answer, type Api, bearer, type Call, json } from "../support/api.ts";
import { type DatabaseFault, type DatabaseGate, startDatabaseGate } from "../support/database-gate.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";
import { claimOf, newPerson, newUsername, PASSWORD, type Person } from "../support/logins.ts";
import { expectProblem } from "../support/problems.ts";

/** As few as there may be beside a lease, and no refill that a test would notice; an address may hash 6 passwords. */
const SETTINGS = {
  SEND_BURST: "1",
  SEND_PER_SECOND: "1",
  SYNC_BURST: "1",
  SYNC_PER_SECOND: "1",
  REPLAY_BURST: "1",
  REPLAY_PER_SECOND: "1",
  CALL_BURST: "1",
  CALL_PER_SECOND: "1",
  ADDRESS_BURST: "60",
  ADDRESS_PER_SECOND: "1",
};

describe.each(engines)("rates on $name", ({ start }) => {
  let engine: TestEngine;
  let gate: DatabaseGate;
  /** What the functions have asked of the database since the last look. */
  let operations: string[] = [];
  let functions: MadeFunctions;
  let api: Api;
  let elsewhere: Api;
  let ann: Person;

  beforeAll(async () => {
    engine = await start();
    gate = await startDatabaseGate(engine.endpoint);
    // The functions take the clock as they start.
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterAll(async () => {
    vi.useRealTimers();
    await gate?.close();
    await engine?.stop();
  });
  beforeEach(async () => {
    gate.harm(({ operation, text }) => {
      // A send counts the channel now and then, by chance: that is no rate.
      if (!/"COUNT"|countedAt/.test(text)) operations.push(operation);
      return "pass";
    });
    functions = await makeFunctions(engine, { endpoint: gate.endpoint, settings: SETTINGS });
    api = eventsApi(functions);
    elsewhere = eventsApi(functions, { address: "198.51.100.77" });
    ann = await newPerson(api);
    looked();
  });

  function looked(): string[] {
    const seen = operations.toSorted();
    operations = [];
    return seen;
  }

  const sync = (fields: object = {}) => api(json("/sync", { ...claimOf(ann), ...fields }));
  const send = (content: string) => api(json("/send", { ...claimOf(ann), sendToId: ann.id, content }));
  const contents = ({ body }: Answer) => (body["messages"] as { content: string }[]).map(({ content }) => content);

  /** Takes a whole bucket away, by another running function: this one has no lease, and does not know it yet. */
  async function empty(kind: "send" | "sync" | "replay" | "call"): Promise<void> {
    const { services, foundation } = functions;
    const { rates } = foundation.config;
    const limits = {
      send: services.send.sendLimit,
      sync: services.sync.syncLimit,
      replay: services.sync.replayLimit,
      call: services.accounts.callLimit,
    };
    const { lease } = LIMITS[kind];
    const another = new UserLimit(engine.accounts, Date.now, rates[kind]);
    // The free lease, and the one that the bucket holds.
    await another.consume(ann.id, lease);
    await another.consume(ann.id, lease);
    await limits[kind].consume(ann.id, lease);
    looked();
  }

  function expectRefusal(answer: Answer, code = "too_many_requests"): void {
    expectProblem(answer, 429, code);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  }

  describe("on the common path", () => {
    it("cost a sync, a replay and other routes no call and no write", async () => {
      await sync();
      expect(looked()).toEqual(["GetItem", "Query"]);
      await send("hello");
      looked();
      await sync({ ack: "a" });
      expect(looked()).toEqual(["GetItem", "GetItem", "PutItem", "Query"]);
      await sync({ ack: "a" });
      expect(looked()).toEqual(["GetItem", "GetItem", "Query"]);
      await api(bearer(ann.token, { method: "GET", path: "/sessions" }));
      expect(looked()).toEqual(["GetItem", "Query"]);
    });

    it("cost a client that polls once a second for a minute nothing either", async () => {
      for (let second = 0; second < 60; second++) {
        expect((await sync({ ack: ann.receipt })).status).toBe(200);
        vi.setSystemTime(Date.now() + 1_000);
      }
      expect(new Set(looked())).toEqual(new Set(["GetItem", "Query"]));
    });
  });

  describe("of a sync", () => {
    it.each([
      ["without ack", {}],
      ["with ack", { ack: "a" }],
    ])("refuse one %s before anything is settled or handed out, and it finds all of it later", async (_, fields) => {
      await send("kept");
      await empty("sync");
      const refused = await sync(fields);
      expectRefusal(refused);
      expect(looked()).not.toContain("PutItem");
      vi.setSystemTime(Date.now() + 1_000 * Number(refused.headers["retry-after"]));
      expect(contents(await sync(fields))).toEqual(["kept"]);
    });

    it("refuse one that finds nothing as well", async () => {
      await empty("sync");
      expectRefusal(await sync());
    });

    it("refuse without a call once the function knows", async () => {
      await empty("sync");
      await sync();
      looked();
      for (let asked = 0; asked < 5; asked++) expectRefusal(await sync());
      expect(looked()).toEqual([]);
    });

    it("count what it reads of the channel, so that a held batch is not read for nothing again and again", async () => {
      for (let number = 0; number < 70; number++) await store("x".repeat(LIMITS.contentBytes));
      // It is out to another client.
      await sync({ ack: "another" });
      let read = 0;
      for (let answer = await sync({ ack: "b" }); answer.status === 200; answer = await sync({ ack: "b" })) read++;
      // Of 500 with both leases. A page ends at 1 MB, which are 16 times 64 KB, and counts as 17 with names and keys.
      expect(read).toBeGreaterThanOrEqual(500 / 18 - 1);
      expect(read).toBeLessThanOrEqual(500 / 16);
    });
  });

  describe("of syncs that race", () => {
    /** Has another sync take a message in each of the first so many rounds, before the one that is made writes. */
    async function beaten(rounds: number): Promise<Answer> {
      const delivery = new Delivery(new ChannelStore(engine.client, engine.tables.channels), Date.now);
      // By the write, which comes again where its answer takes too long: that is no further round.
      const lost = new Map<string, Promise<unknown>>();
      gate.harm(async ({ operation, text }): Promise<"pass"> => {
        if (operation === "PutItem" && text.includes("#head") && !lost.has(text) && lost.size < rounds) {
          lost.set(text, delivery.sync({ receiverId: ann.id, limit: 1 }));
        }
        await lost.get(text);
        return "pass";
      });
      return sync({ limit: 1 });
    }

    /** What was taken off the user's rate, of a lease. */
    async function taken(work: () => Promise<unknown>): Promise<number> {
      const { syncLimit } = functions.services.sync;
      const consume = vi.spyOn(syncLimit, "consume");
      await work();
      const sum = consume.mock.calls.reduce((all, [, tokens = 1]) => all + tokens, 0);
      consume.mockRestore();
      return sum;
    }

    it("count each round of one that is beaten, by what it reads", async () => {
      // The page of a sync with limit 1 has 10 of them, 160 KB.
      for (let number = 0; number < 30; number++) await store("x".repeat(LIMITS.contentBytes));
      expect(await taken(() => beaten(0))).toBe(3);
      expect(await taken(() => beaten(4))).toBe(5 * 3);
    });

    it("count the last look of one that finds nothing any more", async () => {
      for (let number = 0; number < 2; number++) await store("short");
      expect(await taken(() => beaten(2))).toBe(3);
    });

    it("give up early: the sync is answered 503, and nothing is lost", async () => {
      for (let number = 0; number < 9; number++) await store(`${number}`);
      const answer = await beaten(8);
      expectProblem(answer, 503, "unavailable");
      expect(contents(await sync())).toHaveLength(1);
    });
  });

  describe("of replays", () => {
    const handedOut = async (): Promise<Answer> => {
      await send("kept");
      return sync({ ack: "a" });
    };

    it("refuse one too many, which changes nothing; the batch is there later, and is settled by its receipt", async () => {
      const first = await handedOut();
      await empty("replay");
      const refused = await sync({ ack: "a" });
      expectRefusal(refused);
      expect(looked()).not.toContain("PutItem");
      expect((await sync({ ack: first.body["receipt"] })).body["messages"]).toEqual([]);
      await send("next");
      expect(contents(await sync())).toEqual(["next"]);
    });

    it("do not keep it from being handed out again after a while", async () => {
      const first = await handedOut();
      await empty("replay");
      const refused = await sync({ ack: "a" });
      vi.setSystemTime(Date.now() + 1_000 * Number(refused.headers["retry-after"]));
      const again = await sync({ ack: "a" });
      expect(again.body["receipt"]).toBe(first.body["receipt"]);
      expect(contents(again)).toEqual(["kept"]);
    });

    it("let as many through as there are, and take nothing off the syncs that go on", async () => {
      await handedOut();
      const statuses: number[] = [];
      for (let asked = 0; asked < 2 * LIMITS.replay.lease + 3; asked++)
        statuses.push((await sync({ ack: "a" })).status);
      expect(statuses).toEqual([...Array.from({ length: 2 * LIMITS.replay.lease }, () => 200), 429, 429, 429]);
      expect((await sync({ ack: "b" })).status).toBe(200);
    });
  });

  const OTHERS: readonly [string, (person: Person) => Call][] = [
    ["POST /logout", (person) => json("/logout", claimOf(person))],
    [
      "POST /password",
      (person) => json("/password", { ...claimOf(person), password: PASSWORD, newPassword: PASSWORD }),
    ],
    ["POST /account/delete", (person) => json("/account/delete", { ...claimOf(person), password: PASSWORD })],
    ["GET /sessions", ({ token }) => bearer(token, { method: "GET", path: "/sessions" })],
    ["DELETE /sessions", ({ token }) => bearer(token, { method: "DELETE", path: `/sessions/${"A".repeat(22)}` })],
    ["GET /users", ({ token, username }) => bearer(token, { method: "GET", path: `/users/${username}` })],
    ["GET /blocks", ({ token }) => bearer(token, { method: "GET", path: "/blocks" })],
    ["PUT /blocks", ({ token, id }) => bearer(token, { method: "PUT", path: `/blocks/${id}` })],
    ["DELETE /blocks", ({ token, id }) => bearer(token, { method: "DELETE", path: `/blocks/${id}` })],
  ];
  const ALL: readonly [string, (person: Person) => Call][] = [
    ...OTHERS,
    ["POST /send", (person) => json("/send", { ...claimOf(person), sendToId: person.id, content: "x" })],
    ["POST /sync", (person) => json("/sync", claimOf(person))],
  ];

  it.each(OTHERS)("of %s refuse one too many, and the account is as it was", async (_, call) => {
    await empty("call");
    expectRefusal(await api(call(ann)));
    looked();
    expectRefusal(await api(call(ann)));
    expect(looked()).toEqual([]);
    expect((await sync()).status).toBe(200);
    expect((await api(json("/login", { username: ann.username, password: PASSWORD }))).status).toBe(200);
  });

  it("refuse a send without a call once the function knows", async () => {
    await empty("send");
    expectRefusal(await send("one too many"), "too_many_messages");
    looked();
    expectRefusal(await send("one too many"), "too_many_messages");
    expect(looked()).toEqual([]);
  });

  it("are not touched by a token whose session has ended, which costs no call after the first time", async () => {
    const { body } = await api(json("/login", { username: ann.username, password: PASSWORD }));
    const ended = { ...ann, token: String(body["token"]) };
    await api(json("/logout", claimOf(ended)));
    for (const [route, call] of ALL) expect((await elsewhere(call(ended))).status, route).toBe(401);
    looked();
    const most = Math.max(LIMITS.send.lease, LIMITS.call.lease);
    for (let asked = 0; asked < most; asked++) {
      for (const [route, call] of ALL) expect([401, 429], route).toContain((await elsewhere(call(ended))).status);
    }
    // To look whether a deletion is under way, which such a token may finish.
    expect(looked()).toEqual(Array(LIMITS.deletionRepeats.burst - 1).fill("GetItem"));
    // Each of them still has its free lease, as many as a minute has.
    for (let asked = 0; asked < LIMITS.call.lease - 1; asked++) {
      expect((await api(bearer(ann.token, { method: "GET", path: "/blocks" }))).status).toBe(200);
    }
    for (let sent = 1; sent < LIMITS.send.lease; sent++) expect((await send(`${sent}`)).status).toBe(202);
    expect(looked()).not.toContain("UpdateItem");
    // The last one of the lease renews it.
    expect((await send("the last")).status).toBe(202);
    expect(looked()).toContain("UpdateItem");
  });

  it("renew a sender's lease beside the message that takes the last of it, and not before", async () => {
    for (let sent = 1; sent < LIMITS.send.lease; sent++) expect((await send(`${sent}`)).status).toBe(202);
    const { promise: isPut, resolve: put } = Promise.withResolvers<void>();
    gate.harm(async ({ operation }): Promise<DatabaseFault> => {
      if (operation === "PutItem") put();
      if (operation === "UpdateItem") await isPut;
      operations.push(operation);
      return "pass";
    });
    looked();
    expect((await send("the last")).status).toBe(202);
    expect(looked()).toContain("UpdateItem");
    expect((await send("one more")).status).toBe(202);
    expect(looked()).not.toContain("UpdateItem");
  });

  it("answer a message that is stored, also where the lease of the next one cannot be had", async () => {
    for (let sent = 1; sent < LIMITS.send.lease; sent++) expect((await send(`${sent}`)).status).toBe(202);
    gate.harm(({ operation }) => (operation === "UpdateItem" ? "throttle" : "pass"));
    expect((await send("the last")).status).toBe(202);
    expect((await send("one more")).status).toBe(503);
    gate.harm(() => "pass");
    expect((await send("one more")).status).toBe(202);
  });

  it("bound how often a deletion is repeated, with whatever password; after a while it is answered as before", async () => {
    const remove = (password: string) => api(json("/account/delete", { ...claimOf(ann), password }));
    expect((await remove(PASSWORD)).status).toBe(204);
    const { burst, perSecond } = LIMITS.deletionRepeats;
    for (let repeated = 0; repeated < burst; repeated++) expect((await remove("anything at all")).status).toBe(204);
    looked();
    expectRefusal(await remove("anything at all"));
    expect(looked()).toEqual([]);
    vi.setSystemTime(Date.now() + 1_000 / perSecond);
    expect((await remove(PASSWORD)).status).toBe(204);
  });

  it("bound how often a logout is repeated whose session has ended, for each user; after a while it is looked for again", async () => {
    /** Logs out of a device. @returns A repeat; the first one was made, by which the function knows that the session has ended. */
    async function loggedOut(person: Person): Promise<() => Promise<void>> {
      const login = json("/login", { username: person.username, password: PASSWORD, deviceName: "Laptop" });
      const { body } = await api(login);
      const logout = json("/logout", claimOf({ ...person, token: String(body["token"]) }));
      expect((await api(logout)).status).toBe(204);
      const repeat = async () => expectProblem(await elsewhere(logout), 401, "invalid_token");
      await repeat();
      looked();
      return repeat;
    }
    const { burst, perSecond } = LIMITS.logoutRepeats;
    const [anns, bobs] = [await loggedOut(ann), await loggedOut(await newPerson(api))];
    for (let repeated = 1; repeated < burst; repeated++) await anns();
    // To look whether a logout was interrupted, which such a token may finish.
    expect(looked()).toEqual(Array(burst - 1).fill("GetItem"));
    await anns();
    expect(looked()).toEqual([]);
    await bobs();
    expect(looked()).toEqual(["GetItem"]);
    vi.setSystemTime(Date.now() + 1_000 / perSecond);
    await anns();
    expect(looked()).toEqual(["GetItem"]);
  });

  describe("of an address", () => {
    const junk = (): Person => ({ ...ann, token: "no token" });

    it.each(ALL)("refuse invalid tokens for %s, and not the valid ones that come from there", async (_, call) => {
      const statuses = new Set<number>();
      for (let shown = 0; shown < 60; shown++) statuses.add((await elsewhere(call(junk()))).status);
      expect(statuses).toEqual(new Set([401]));
      const refused = await elsewhere(call(junk()));
      expectRefusal(refused);
      expect(looked()).toEqual([]);
      expect((await api(call(junk()))).status).toBe(401);
      expect((await elsewhere(call(ann))).status).not.toBe(429);
    });

    it("refuse logins and registrations before anything is hashed, read or written", async () => {
      const attempt = (path: string) =>
        elsewhere(json(path, { username: newUsername(), password: "not the password" }));
      for (let hashes = 0; hashes < 3; hashes++) {
        expect((await attempt("/login")).status).toBe(401);
        expect((await attempt("/register")).status).toBe(201);
      }
      looked();
      for (const path of ["/login", "/register"]) expectRefusal(await attempt(path));
      expectRefusal(await elsewhere(json("/login", { username: ann.username, password: PASSWORD })));
      expect(looked()).toEqual([]);
      expect((await api(json("/login", { username: ann.username, password: PASSWORD }))).status).toBe(200);
      vi.setSystemTime(Date.now() + 10_000);
      expect((await elsewhere(json("/login", { username: ann.username, password: PASSWORD }))).status).toBe(200);
    });

    it("do not keep out a client that shows an earlier login of the same user, which may have ended", async () => {
      const bob = await newPerson(api);
      await api(json("/logout", claimOf(ann)));
      for (let shown = 0; shown < 60; shown++)
        await elsewhere(bearer("no token", { method: "GET", path: "/sessions" }));
      const logIn = (earlierToken?: string) =>
        elsewhere(json("/login", { username: ann.username.toUpperCase(), password: PASSWORD, earlierToken }));
      looked();
      for (const token of [undefined, "no token", bob.token]) expectRefusal(await logIn(token));
      expect(looked()).toEqual([]);
      expect((await logIn(ann.token)).status).toBe(200);
    });

    it("are not got round by headers", async () => {
      for (let shown = 0; shown < 60; shown++) await elsewhere(json("/sync", claimOf(junk())));
      for (const name of ["x-forwarded-for", "x-gotalk-origin", "forwarded", "x-real-ip"]) {
        const call = json("/sync", claimOf(junk()));
        expectRefusal(await elsewhere({ ...call, headers: { ...call.headers, [name]: "203.0.113.99" } }));
      }
    });
  });

  /** Puts a message on ann's channel past the API and its rates. */
  async function store(content: string): Promise<void> {
    const sending = new Sending(new MessageStore(engine.client, engine.tables.channels), Date.now);
    await sending.send({ senderId: ann.id, senderName: ann.username, content }, [{ channel: ann.id }]);
  }
});
