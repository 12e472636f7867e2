import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Blocks } from "../../lib/accounts/blocks.ts";
import { Sessions } from "../../lib/accounts/sessions.ts";
import { WaitingCheck } from "../../lib/channel/waiting-check.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { signBy } from "../../lib/database/aws-calls.ts";
import type { Database } from "../../lib/database/database.ts";
import { Connections } from "../../lib/live/connections.ts";
import { hangUpBy } from "../../lib/live/hang-up.ts";
import { Listeners } from "../../lib/live/listeners.ts";
import { createGateway, type LiveGateway } from "../../lib/live/live-gateway.ts";
import { LiveProtocol } from "../../lib/live/live-protocol.ts";
import { type MembersOf, Typing } from "../../lib/live/typing.ts";
import { TypingPermits } from "../../lib/live/typing-permits.ts";
import { AddressLimit } from "../../lib/rates/address-limit.ts";
import { SessionCheck } from "../../lib/tokens/session-check.ts";
import { type Caller, Tokens } from "../../lib/tokens/tokens.ts";
import { Recorder, roundTrips } from "../support/capacity/recorder.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { makeFunctions } from "../support/functions.ts";
import { type Management, startManagement } from "../support/management.ts";
import { widenLimits } from "../support/wide-limits.ts";

const SECOND = 1_000;
const GROUP = "g-0123456789abcdefghijkl";
/** What a running function asks of a connection that it has not heard of. */
const FIRST_HEARD = ["GetItemCommand"];

describe.each(engines)("a frame that says that a user is typing ($name)", ({ start }) => {
  let engine: TestEngine;
  let management: Management;
  let gateway: LiveGateway;
  let now: number;
  let alice: Caller;
  let bob: Caller;
  /** Alice's connection. */
  let hers: string;
  let his: string;

  beforeAll(async () => {
    widenLimits();
    engine = await start();
    management = await startManagement();
    gateway = createGateway(management.endpoint, signBy(engine.client));
  });
  afterAll(async () => {
    await management.close();
    await engine.stop();
  });
  beforeEach(async () => {
    now = Date.now();
    [alice, bob] = [await newCaller(), await newCaller()];
    [hers, his] = [await connect(alice), await connect(bob)];
    management.take();
  });

  /** The database, and what is asked of it. */
  function counting() {
    const calls: string[] = [];
    const send = async (...call: Parameters<Database["send"]>) => {
      calls.push(call[0].constructor.name);
      return engine.client.send(...call);
    };
    return { database: { send } as Database, calls };
  }

  const clock = (): number => now;
  const tokenKey = randomBytes(32);
  const tokens = new Tokens(async () => [{ bytes: tokenKey, from: 0 }], clock);

  async function newCaller(): Promise<Caller> {
    const userId = randomUUID();
    const { sessionId } = await new Sessions(engine.accounts, clock).start(userId);
    return { userId, username: "somebody", sessionId };
  }

  /** A connection of this session that has authenticated. */
  async function connect(caller: Caller, more: Partial<Caller> = {}): Promise<string> {
    const connectionId = `${randomUUID().slice(0, 8)}=`;
    management.fates.set(connectionId, "there");
    await new Connections(engine.accounts, clock).add(connectionId, { ...caller, ...more });
    return connectionId;
  }

  /** One running function. */
  function functionOn(database: Database = engine.client, membersOf?: MembersOf) {
    const table = { database, name: engine.tables.accounts };
    const listeners = new Listeners(table, clock);
    const live = new LiveProtocol({
      tokens,
      sessionCheck: new SessionCheck(table, clock),
      connections: new Connections(table, clock),
      addressLimit: new AddressLimit(LIMITS.address, "secret", clock),
      gateway,
      waiting: new WaitingCheck(database, engine.tables.channels, clock),
      typing: new Typing({ permits: new TypingPermits(table), listeners, gateway, now: clock, membersOf }),
      now: clock,
    });
    /** @param age Of the connection. By default it is so old that it must have authenticated. */
    const say = (connectionId: string, fields: object, age: number = LIMITS.live.proofTime) =>
      live.receive({ connectionId, body: Buffer.from(JSON.stringify(fields)), age, requestId: "request" });
    return {
      say,
      prove: async (connectionId: string, caller: Caller) => {
        const token = await tokens.issue(caller, now + 3_600 * SECOND);
        return say(connectionId, { token, id: caller.userId }, 0);
      },
      type: (toId: unknown, connectionId = hers, age?: number) => say(connectionId, { type: "typing", toId }, age),
    };
  }

  /** What each connection was told. */
  const heard = (): Record<string, unknown[]> => {
    const told = Map.groupBy(management.take(), ({ connectionId }) => connectionId);
    return Object.fromEntries(
      [...told].map(([id, calls]) => [id, calls.map(({ body }) => JSON.parse(body || "null"))]),
    );
  };
  const frameOf = ({ userId }: Caller) => ({ type: "typing", senderId: userId });

  describe("goes", () => {
    it("at once to all connections of the other side, of every device, and to nobody else", async () => {
      const phone = await connect(bob, { deviceId: "phone", channel: "phone" });
      await connect(alice, { deviceId: "tablet", channel: "tablet" });
      await connect(await newCaller());
      expect(await functionOn().type(bob.userId)).toBeUndefined();
      expect(heard()).toEqual({ [his]: [frameOf(alice)], [phone]: [frameOf(alice)] });
    });

    it("from a connection that has just authenticated to the same running function", async () => {
      const { prove, type } = functionOn();
      const connectionId = "new=";
      expect(await prove(connectionId, alice)).toEqual({ type: "ready" });
      await type(bob.userId, connectionId, 1);
      expect(heard()).toEqual({ [his]: [frameOf(alice)] });
    });

    it("to the others of a group with the group's id, as the reader of groups has them", async () => {
      const carol = await newCaller();
      const hersToo = await connect(carol);
      const asked: string[][] = [];
      const { type } = functionOn(engine.client, async (...call) => {
        asked.push(call);
        return [alice.userId, bob.userId, carol.userId];
      });
      await type(GROUP);
      const frame = { ...frameOf(alice), toId: GROUP };
      expect(heard()).toEqual({ [his]: [frame], [hersToo]: [frame] });
      expect(asked).toEqual([[GROUP, alice.userId]]);
    });

    it("to nobody who has blocked the user, in a group either", async () => {
      const carol = await newCaller();
      const hersToo = await connect(carol);
      await new Blocks(engine.accounts, clock).add(bob.userId, { id: alice.userId, username: "alice" });
      const { type } = functionOn(engine.client, async () => [alice.userId, bob.userId, carol.userId]);
      await type(bob.userId);
      expect(heard()).toEqual({});
      await type(GROUP);
      expect(heard()).toEqual({ [hersToo]: [{ ...frameOf(alice), toId: GROUP }] });
    });

    it("though the user has blocked the other side, who has not", async () => {
      await new Blocks(engine.accounts, clock).add(alice.userId, { id: bob.userId, username: "bob" });
      await functionOn().type(bob.userId);
      expect(heard()).toEqual({ [his]: [frameOf(alice)] });
    });

    it.each<[string, () => string]>([
      ["an id that nobody has", () => randomUUID()],
      ["the user", () => alice.userId],
      ["a group, where there is no reader of groups", () => GROUP],
      ["a username", () => "bob"],
      ["nothing", () => ""],
      ["an id in upper case", () => bob.userId.toUpperCase()],
      ["a key of the table", () => `user#${bob.userId}`],
    ])("nowhere if it is for %s, and the connection stays", async (_, toId) => {
      const warned = vi.spyOn(console, "warn");
      await connect(alice);
      expect(await functionOn().type(toId())).toBeUndefined();
      expect(heard()).toEqual({});
      expect(warned).not.toHaveBeenCalled();
      vi.restoreAllMocks();
    });

    it("nowhere if it is for more than an id may be, of which nothing is remembered or looked up", async () => {
      const asked: string[] = [];
      const { type } = functionOn(engine.client, async (groupId) => {
        asked.push(groupId);
        return [bob.userId];
      });
      for (const characters of [65, 30_000, 64]) await type("g".repeat(characters));
      expect(asked).toEqual(["g".repeat(64)]);
    });

    it.each<[string, () => readonly string[]]>([
      ["of which the user is no member", () => []],
      [
        "of more members than are told",
        () => [bob.userId, ...Array.from({ length: LIMITS.live.typing.members }, () => randomUUID())],
      ],
    ])("nowhere if it is for a group %s, and nothing is looked up", async (_, members) => {
      const { database, calls } = counting();
      const { type } = functionOn(database, async () => members());
      await type(GROUP);
      expect(calls).toEqual(FIRST_HEARD);
      expect(heard()).toEqual({});
    });

    it("nowhere if it is for a group where there is no reader of groups, and nothing is looked up", async () => {
      const { database, calls } = counting();
      await functionOn(database).type(GROUP);
      expect(calls).toEqual(FIRST_HEARD);
    });

    it("to a group of as many members as are told", async () => {
      const members = [bob.userId, ...Array.from({ length: LIMITS.live.typing.members - 1 }, () => randomUUID())];
      await functionOn(engine.client, async () => members).type(GROUP);
      expect(heard()).toEqual({ [his]: [{ ...frameOf(alice), toId: GROUP }] });
    });
  });

  describe("stores nothing", () => {
    it("but forgets a connection that is gone", async () => {
      management.fates.set(his, "gone");
      await functionOn().type(bob.userId);
      expect(Object.keys(heard())).toEqual([his]);
      expect(await new Listeners(engine.accounts, clock).list(bob.userId, true)).toEqual([]);
    });

    it("and costs one round trip and 1.5 read units", async () => {
      const functions = await makeFunctions(engine, { client: "sdk", liveEndpoint: management.endpoint });
      const recorder = new Recorder(functions.foundation.database);
      const { handler } = functions.makeLive();
      const event = {
        requestContext: {
          connectionId: hers,
          eventType: "MESSAGE",
          requestId: "r",
          connectedAt: 0,
          requestTimeEpoch: 60_000,
        },
        body: JSON.stringify({ type: "typing", toId: bob.userId }),
      };
      const first = await recorder.record(() => handler(event as never));
      // This function has not heard of the connection before.
      expect(first.calls.map(({ command }) => command)).toEqual(expect.arrayContaining(["GetItemCommand"]));
      expect(heard()).toEqual({ [his]: [frameOf(alice)] });
      const carol = await newCaller();
      const hersToo = await connect(carol);
      const body = JSON.stringify({ type: "typing", toId: carol.userId });
      const { calls, result } = await recorder.inRounds(() => handler({ ...event, body } as never));
      expect(result).toEqual({ statusCode: 200 });
      expect(heard()).toEqual({ [hersToo]: [frameOf(alice)] });
      expect(calls.map(({ command }) => command).toSorted()).toEqual(["BatchGetItemCommand", "QueryCommand"]);
      expect(calls.reduce((sum, { units }) => sum + units.read, 0)).toBe(1.5);
      expect(calls.reduce((sum, { units }) => sum + units.write, 0)).toBe(0);
      expect(roundTrips(calls)).toBe(1);
    });
  });

  describe("is dropped without a word", () => {
    it("within 3 seconds of the last one in the conversation; others go on", async () => {
      const carol = await newCaller();
      const hersToo = await connect(carol);
      const { type } = functionOn();
      await type(bob.userId);
      await type(bob.userId);
      await type(carol.userId);
      expect(heard()).toEqual({ [his]: [frameOf(alice)], [hersToo]: [frameOf(alice)] });
      now += 3 * SECOND - 1;
      await type(bob.userId);
      expect(heard()).toEqual({});
      now += 1;
      await type(bob.userId);
      expect(heard()).toEqual({ [his]: [frameOf(alice)] });
      // The other side's own are no part of that.
      await type(alice.userId, his);
      expect(heard()).toEqual({ [hers]: [frameOf(bob)] });
    });

    it("from another connection of the user as well", async () => {
      const tablet = await connect(alice);
      const { type } = functionOn();
      await type(bob.userId);
      await type(bob.userId, tablet);
      expect(heard()).toEqual({ [his]: [frameOf(alice)] });
    });

    it("past the user's rate in all conversations, with no call: a stolen connection costs little", async () => {
      const { burst, perSecond } = LIMITS.live.typing.user;
      const { database, calls } = counting();
      const { type } = functionOn(database);
      const types = (times: number) => Promise.all(Array.from({ length: times }, () => type(randomUUID())));
      await types(burst);
      calls.length = 0;
      await types(5);
      expect(calls).toEqual([]);
      now += SECOND / perSecond;
      await type(bob.userId);
      expect(heard()).toEqual({ [his]: [frameOf(alice)] });
      await type(randomUUID());
      expect(calls).toHaveLength(2);
    });

    it("past the rate of those who are told", async () => {
      const { burst, perSecond } = LIMITS.live.typing.told;
      const { type } = functionOn();
      const typists = await Promise.all(Array.from({ length: burst + 1 }, async () => connect(await newCaller())));
      for (const typist of typists) await type(bob.userId, typist);
      expect(heard()[his]).toHaveLength(burst);
      now += SECOND / perSecond;
      await type(bob.userId, hers);
      expect(heard()[his]).toHaveLength(1);
    });

    it("from a connection that has not authenticated, and nothing is read for it", async () => {
      const calls: unknown[] = [];
      const send = async (...call: unknown[]) => void calls.push(call);
      const { type } = functionOn({ send } as unknown as Database);
      expect(await type(bob.userId, "unknown=", LIMITS.live.proofTime - 1)).toBeUndefined();
      expect([calls, heard()]).toEqual([[], {}]);
    });

    it("from a connection whose session has ended, though it could not be closed and this function knew it", async () => {
      const { type } = functionOn();
      await type(bob.userId);
      heard();
      management.fates.set(hers, "broken");
      vi.spyOn(console, "warn").mockImplementation(() => {});
      const hangUp = hangUpBy(new Listeners(engine.accounts, clock), gateway);
      await hangUp(alice.userId, ({ sessionId }) => sessionId === alice.sessionId);
      heard();
      now += 3 * SECOND;
      await type(bob.userId);
      expect(heard()).toEqual({});
      vi.restoreAllMocks();
    });

    it("where the database or the other side fails, and the connection stays", async () => {
      const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
      const down = async () => Promise.reject(Object.assign(new Error("down"), { code: "ECONNRESET" }));
      const { type } = functionOn();
      management.fates.set(his, "broken");
      expect(await type(bob.userId)).toBeUndefined();
      const other = await connect(alice);
      expect(await functionOn({ send: down } as unknown as Database).type(bob.userId, other)).toBeUndefined();
      management.fates.set(his, "there");
      const told = heard();
      expect(Object.keys(told)).toEqual([his]);
      expect(warned.mock.calls.flat().join()).toContain("could not tell that a user is typing");
      vi.restoreAllMocks();
    });

    it("where the reader of groups fails", async () => {
      vi.spyOn(console, "warn").mockImplementation(() => {});
      const { type } = functionOn(engine.client, async () => Promise.reject(new Error("no groups")));
      expect(await type(GROUP)).toBeUndefined();
      expect(heard()).toEqual({});
      vi.restoreAllMocks();
    });
  });

  describe("closes the connection", () => {
    it.each([undefined, null, 5, ["x"], { id: "x" }])("where its toId is %j", async (toId) => {
      expect(await functionOn().type(toId)).toBeUndefined();
      expect(heard()[hers]).toEqual([expect.objectContaining({ type: "error", code: "invalid_request" }), null]);
    });

    it("that has not authenticated in time", async () => {
      await functionOn().type(bob.userId, "unknown=");
      expect(heard()["unknown="]).toEqual([expect.objectContaining({ type: "error", code: "invalid_request" }), null]);
    });
  });

  it("may come every 4 seconds for hours, beside a ping every 5 minutes", async () => {
    const { say, type } = functionOn();
    for (let at = 0; at < 1_900; at++) {
      now += 4 * SECOND;
      await type(bob.userId);
      if (at % 75 === 0) expect(await say(hers, { type: "ping" })).toMatchObject({ type: "pong" });
    }
    const told = heard();
    expect(Object.keys(told)).toEqual([his]);
    expect(told[his]).toHaveLength(1_900);
  });
});
