import { describe, expect, it, vi } from "vitest";
import { Client, MessageIds, NetworkError, newMessageId } from "../../../lib/client/index.ts";
import { timeOf } from "../../../lib/contract/uuid-time.ts";
import { type Act, cut, json, problem, scripted, session, testTiming } from "../../support/client-servers.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** This machine's time in these tests. */
const HERE = testTiming().now();

const MESSAGE = { to: "id-2", content: "hi" };

const sent: Act = (response, request, { messageId } = {}) =>
  json(202, { status: "received", messageId, sentAt: "2026-01-01T00:00:00.000Z" })(response, request);

/** The server's clock is so far ahead of this machine's. */
const refusal = (ahead: number): Act =>
  problem(400, "message_id_time", {}, { serverTime: new Date(HERE + ahead).toISOString() });

async function setUp(...acts: Act[]) {
  const server = await scripted(...acts);
  const client = new Client({ url: server.url, timing: testTiming(), session });
  const timesTried = () => server.seen.map(({ body }) => timeOf(body.messageId ?? "") - HERE);
  return { ...server, client, timesTried };
}

describe("attempts on a machine whose clock is set back meanwhile", () => {
  const setBackUp = async (giveUpAfter: number) => {
    const { url, seen } = await scripted(cut);
    const timing = testTiming(1);
    const sleep = timing.sleep.bind(timing);
    let back = 0;
    const setBack = {
      ...timing,
      now: () => timing.now() - back,
      sleep: async (milliseconds: number) => {
        await sleep(milliseconds);
        if (seen.length === 2) back = DAY;
      },
    };
    const retry = { base: 1_000, max: 1_000, giveUpAfter };
    return { client: new Client({ url, timing: setBack, session, live: false, retry }), seen };
  };

  it("end as if it had not been, but for one wait", async () => {
    const { client, seen } = await setBackUp(4_000);
    await expect(client.find("bob")).rejects.toThrow(NetworkError);
    expect(seen).toHaveLength(6);
  });

  it("end for a receiver that does not follow, too", async () => {
    const { client, seen } = await setBackUp(4_000);
    await expect(client.receive({ follow: false })[Symbol.asyncIterator]().next()).rejects.toThrow(NetworkError);
    expect(seen).toHaveLength(6);
  });
});

describe("a send from a machine whose clock is wrong", () => {
  it.each([DAY, -DAY])("goes out under a new id when the first is refused (%i ms off)", async (ahead) => {
    const { client, timesTried } = await setUp(refusal(ahead), sent);
    await client.send(MESSAGE);
    const [first, second = 0] = timesTried();
    expect(first).toBe(0);
    expect(Math.abs(second - ahead)).toBeLessThan(MINUTE);
    expect(timeOf(client.newMessageId()) - HERE).toBeGreaterThanOrEqual(second);
  });

  it("is right at once when an answer before it has told the time", async () => {
    const date = new Date(HERE + DAY).toUTCString();
    const { client, timesTried } = await setUp(
      json(200, { id: "id-2", username: "bob" }, { date, "x-request-id": "1" }),
      sent,
    );
    await client.find("bob");
    await client.send(MESSAGE);
    expect(Math.abs((timesTried()[1] ?? 0) - DAY)).toBeLessThan(MINUTE);
  });

  it("does not believe the clock of a proxy, whose answers are not goTalk's", async () => {
    const date = new Date(HERE + DAY).toUTCString();
    const { client } = await setUp(json(503, { message: "busy" }, { date }), sent);
    await client.send(MESSAGE);
    expect(timeOf(client.newMessageId()) - HERE).toBeLessThan(MINUTE);
  });

  it("shares what it learns with other clients that have the same ids", async () => {
    const messageIds = new MessageIds(testTiming());
    const server = await scripted(refusal(DAY), sent);
    const [one, other] = Array.from({ length: 2 }, () => new Client({ url: server.url, session, messageIds }));
    await one?.send(MESSAGE);
    expect(Math.abs(timeOf(other?.newMessageId() ?? "") - HERE - DAY)).toBeLessThan(MINUTE);
  });

  it("keeps the new id in every retry", async () => {
    const { client, seen } = await setUp(refusal(DAY), cut, problem(503, "unavailable"), sent);
    await client.send(MESSAGE);
    const ids = seen.map(({ body }) => body.messageId);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(2);
    expect(new Set(ids.slice(1)).size).toBe(1);
  });

  it("gives up when the new id is refused as well", async () => {
    const { client, seen } = await setUp(refusal(DAY), refusal(5 * DAY), sent);
    await expect(client.send(MESSAGE)).rejects.toMatchObject({ status: 400, code: "message_id_time" });
    expect(seen).toHaveLength(2);
  });
});

describe("an id of one's own that is refused", () => {
  it("is final, as an earlier call may have delivered the message", async () => {
    const { client, seen } = await setUp(refusal(DAY), sent);
    const serverTime = new Date(HERE + DAY).toISOString();
    await expect(client.send({ ...MESSAGE, messageId: newMessageId() })).rejects.toMatchObject({ serverTime });
    expect(seen).toHaveLength(1);
    // The next one is right.
    expect(Math.abs(timeOf(client.newMessageId()) - HERE - DAY)).toBeLessThan(MINUTE);
  });

  it("is replaced if it is new, after the new one was stored", async () => {
    const { client, seen } = await setUp(refusal(DAY), sent);
    const messageId = client.newMessageId();
    const onNewId = vi.fn(async () => {
      await new Promise(setImmediate);
      expect(seen).toHaveLength(1);
    });
    await client.send({ ...MESSAGE, messageId, onNewId });
    expect(seen.map(({ body }) => body.messageId)).toEqual([messageId, ...onNewId.mock.calls.flat()]);
  });

  it("is not replaced when the new one cannot be stored", async () => {
    const { client, seen } = await setUp(refusal(DAY), sent);
    const fault = new Error("the disk is full");
    const onNewId = () => Promise.reject(fault);
    await expect(client.send({ ...MESSAGE, messageId: client.newMessageId(), onNewId })).rejects.toBe(fault);
    expect(seen).toHaveLength(1);
  });
});

describe("a message that may have arrived under its id", () => {
  it.each<[string, Act]>([
    ["no answer", cut],
    ["a server's fault", problem(503, "unavailable")],
  ])("is not sent under another one after %s: nobody would know whether it comes twice", async (_, act) => {
    const { client, seen } = await setUp(act, refusal(32 * DAY), sent);
    await expect(client.send(MESSAGE)).rejects.toMatchObject({ code: "message_id_time" });
    expect(seen).toHaveLength(2);
  });

  it("cannot have, if its id is far ahead of the server's time: then it goes out", async () => {
    const { client, seen } = await setUp(cut, refusal(-DAY), sent);
    await client.send(MESSAGE);
    expect(new Set(seen.map(({ body }) => body.messageId)).size).toBe(2);
  });

  it("has not, where the server has said no", async () => {
    const { client, seen } = await setUp(problem(429, "too_many_messages"), refusal(32 * DAY), sent);
    await client.send(MESSAGE);
    expect(seen).toHaveLength(3);
  });
});
