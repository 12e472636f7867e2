import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Message, NetworkError, type Outgoing, ProblemError } from "../../lib/client/index.ts";
import { Telling, type TellingHost } from "../../static/src/chat/telling.ts";
import { storeBatch } from "../../static/src/storage/batches.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { markSeen, untoldIn } from "../../static/src/storage/untold.ts";
import { eventually } from "../support/eventually.ts";
import { ME, text, toGroup } from "../support/messages.ts";
import { newDatabase, refusePuts } from "../support/page/database.ts";

const [SMALL, LARGE, UNKNOWN] = ["g-small", "g-large", "g-unknown"];

const refusal = (status: number) => new ProblemError({ status, code: "any", detail: "" });

let database: Database;
/** What was sent: to whom, of which type, about what. */
let sent: string[];
let host: TellingHost;

beforeEach(async () => {
  database = await newDatabase();
  sent = [];
  host = {
    client: { send: takes },
    database,
    ownId: ME,
    isOffline: () => false,
    tellsRead: async () => true,
    requestsAmong: async () => new Set(),
    blocked: async () => new Set<string>(),
    sizeOf: async () => undefined,
  };
});

async function takes({ to, type, content }: Outgoing) {
  sent.push(`${to} ${type} ${content}`);
  return { messageId: "m", sentAt: "", status: "sent" as const };
}

const put = (...messages: Message[]) => storeBatch(database, ME, messages, { receipt: "r", recent: [] });
const see = (...ids: string[]) => markSeen(database, ids, true);
const untold = async () => (await untoldIn(database)).map(({ id, toTell }) => `${id} ${toTell}`);

/** The leading tab of a page that is open until the test ends. */
function open(change: Partial<TellingHost> = {}) {
  const life = new AbortController();
  onTestFinished(() => life.abort());
  return {
    telling: new Telling({ ...host, ...change }, life.signal),
    life: life.signal,
    close: () => life.abort(),
  };
}

/** Long enough for what would be stored or sent by now. */
async function idle(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await turn();
}

/** Looks once, and tells at once what is found. */
async function tellOnce(telling: Telling): Promise<void> {
  telling.scan();
  await idle();
  telling.flush();
  await idle();
}

/** What is stored is read beside the clock, which stands still. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}

/** Tells at once, again and again, until that holds. */
const tells = (telling: Telling, holds: () => unknown) =>
  eventually(async () => {
    telling.scan();
    telling.flush();
    await holds();
  });

describe("a page", () => {
  it("tells what is stored, once, and forgets it", async () => {
    await put(text("1", "bob"), text("2", "bob"), text("3", "carol"));
    await see("bob/2");
    const { telling } = open();
    await tells(telling, async () => expect(await untold()).toEqual([]));
    expect(sent.sort()).toEqual(['bob delivered ["1"]', 'bob read ["2"]', 'carol delivered ["3"]']);
    telling.scan();
    telling.flush();
    expect(sent).toHaveLength(3);
  });

  it("that was closed before it told all of it tells it when it is opened again", async () => {
    await put(text("1", "bob"));
    const first = open({ client: { send: () => Promise.reject(new NetworkError("cut")) } });
    first.telling.scan();
    first.close();
    const { telling } = open();
    await tells(telling, () => expect(sent).toEqual(['bob delivered ["1"]']));
  });

  it("tells nothing to strangers, and tells it once they are accepted; and never to a blocked person", async () => {
    await put(text("1", "stranger"), text("2", "blocked"), text("3", "bob"));
    const requests = new Set(["stranger"]);
    const requestsAmong = async (ids: readonly string[]) => new Set(ids.filter((id) => requests.has(id)));
    const { telling } = open({ requestsAmong, blocked: async () => new Set(["blocked"]) });
    telling.scan();
    await eventually(() => {
      telling.flush();
      expect(sent).toEqual(['bob delivered ["3"]']);
    });
    await eventually(async () => expect(await untold()).toEqual(["stranger/1 delivered"]));
    requests.clear();
    await tells(telling, () => expect(sent).toContain('stranger delivered ["1"]'));
  });

  it("tells nothing while it does not know who is blocked", async () => {
    await put(text("1", "bob"));
    let isKnown = false;
    const blocked = vi.fn(() =>
      isKnown ? Promise.resolve(new Set<string>()) : Promise.reject(new NetworkError("cut")),
    );
    const { telling } = open({ blocked });
    await tells(telling, () => expect(blocked.mock.calls.length).toBeGreaterThan(2));
    expect(sent).toEqual([]);
    isKnown = true;
    await tells(telling, () => expect(sent).toEqual(['bob delivered ["1"]']));
  });

  it("looks again by itself when it could not find out who is blocked", async () => {
    stopClock();
    await put(text("1", "bob"));
    const blocked = vi.fn(async () => new Set<string>()).mockRejectedValueOnce(new NetworkError("cut"));
    const { telling } = open({ blocked });
    telling.scan();
    for (let seconds = 0; sent.length === 0 && seconds < 30; seconds++) {
      await idle();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(sent).toEqual(['bob delivered ["1"]']);
  });

  it("tells in groups of up to 20 members alone who has read a message, and waits until it knows how many there are", async () => {
    const groups = [SMALL, LARGE, UNKNOWN];
    await put(...groups.map((group, index) => text(String(index), "bob", toGroup(group))));
    await see("bob/0", "bob/1", "bob/2");
    const sizes: Record<string, number> = { [SMALL]: 20, [LARGE]: 21 };
    const { telling } = open({ sizeOf: async (groupId) => sizes[groupId] });
    await tells(telling, async () => expect(await untold()).toEqual(["bob/2 read"]));
    expect(sent).toEqual(['bob read ["0"]']);
    sizes[UNKNOWN] = 2;
    await tells(telling, () => expect(sent).toEqual(['bob read ["0"]', 'bob read ["2"]']));
  });

  it("tells nobody what was read while that is not wanted, and that it was delivered all the same", async () => {
    await put(text("1", "bob"));
    await see("bob/1");
    const { telling } = open({ tellsRead: async () => false });
    await tells(telling, async () => expect(await untold()).toEqual([]));
    expect(sent).toEqual(['bob delivered ["1"]']);
  });

  it.each([
    ["a refusal for good", 403, []],
    ["a refusal that passes", 503, ["bob/1 delivered"]],
    ["the end of the session", 401, ["bob/1 delivered"]],
  ])("after %s (%i) keeps what may still be told", async (_, status, left) => {
    await put(text("1", "bob"));
    const send = vi.fn(() => Promise.reject(refusal(status)));
    const { telling } = open({ client: { send } });
    await tells(telling, () => expect(send).toHaveBeenCalled());
    await idle();
    expect(await untold()).toEqual(left);
  });

  it("tries nothing without a network", async () => {
    await put(text("1", "bob"));
    let isOffline = true;
    const asks = vi.fn(() => isOffline);
    const { telling } = open({ isOffline: asks });
    await tells(telling, () => expect(asks).toHaveBeenCalled());
    expect(sent).toEqual([]);
    isOffline = false;
    await tells(telling, () => expect(sent).toEqual(['bob delivered ["1"]']));
  });

  it("tells what was read after it has told that it was delivered", async () => {
    await put(text("1", "bob"));
    const { telling } = open();
    await tells(telling, async () => expect(await untold()).toEqual([]));
    await see("bob/1");
    await tells(telling, async () => expect(await untold()).toEqual([]));
    expect(sent).toEqual(['bob delivered ["1"]', 'bob read ["1"]']);
  });

  it("tells nothing twice while it is being told, though it was read meanwhile", async () => {
    await put(text("1", "bob"));
    const answers: (() => void)[] = [];
    const send = async (receipt: Outgoing) => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return takes(receipt);
    };
    const { telling } = open({ client: { send } });
    await tellOnce(telling);
    await tellOnce(telling);
    expect(answers).toHaveLength(1);
    await see("bob/1");
    await tellOnce(telling);
    expect(answers).toHaveLength(2);
    answers[0]?.();
    await idle();
    await tellOnce(telling);
    expect(answers).toHaveLength(2);
    answers[1]?.();
    await idle();
    expect([sent, await untold()]).toEqual([['bob delivered ["1"]', 'bob read ["1"]'], []]);
  });

  it("tells once more that a message was delivered where its reading becomes a secret, by a look of its own", async () => {
    await put(text("1", "bob"));
    let tellsRead = true;
    const requestsAmong = vi.fn(host.requestsAmong);
    const { telling } = open({ tellsRead: async () => tellsRead, requestsAmong });
    await tellOnce(telling);
    await see("bob/1");
    tellsRead = false;
    requestsAmong.mockClear();
    telling.scan();
    await eventually(() => {
      telling.flush();
      expect(sent).toEqual(['bob delivered ["1"]', 'bob delivered ["1"]']);
    });
    await eventually(async () => expect(await untold()).toEqual([]));
    expect(requestsAmong).toHaveBeenCalledTimes(1);
  });

  it("that cannot store that something was told tells it once more, when it is opened again", async () => {
    await put(text("1", "bob"));
    refusePuts("untold");
    const { telling } = open();
    await tellOnce(telling);
    await tellOnce(telling);
    expect(sent).toEqual(['bob delivered ["1"]']);
    await tellOnce(open().telling);
    expect(sent).toEqual(['bob delivered ["1"]', 'bob delivered ["1"]']);
  });

  it("looks once, however often it is asked before it looks", async () => {
    const tellsRead = vi.fn(async () => true);
    const { telling } = open({ tellsRead });
    for (let times = 0; times < 3; times++) telling.scan();
    await idle();
    expect(tellsRead).toHaveBeenCalledTimes(1);
    telling.scan();
    await idle();
    expect(tellsRead).toHaveBeenCalledTimes(2);
  });

  it.each([
    [200, 2],
    [201, 1],
  ])("pauses for a second after it has found many: %i", async (count, scans) => {
    stopClock();
    await put(...Array.from({ length: count }, (_, index) => text(`${index}`, "stranger", { sentAt: "2026" })));
    const tellsRead = vi.fn(async () => true);
    const { telling } = open({ tellsRead, requestsAmong: async (ids) => new Set(ids) });
    telling.scan();
    await eventually(() => expect(tellsRead).toHaveBeenCalledTimes(1));
    telling.scan();
    await idle();
    expect(tellsRead).toHaveBeenCalledTimes(scans);
    await vi.advanceTimersByTimeAsync(1_000);
    await eventually(() => expect(tellsRead).toHaveBeenCalledTimes(2));
  });

  it("asks nobody where nothing is to be told, nor who is blocked where there are strangers alone", async () => {
    const [requestsAmong, blocked] = [vi.fn(host.requestsAmong), vi.fn(host.blocked)];
    const { telling } = open({ requestsAmong, blocked });
    await tellOnce(telling);
    expect(requestsAmong).not.toHaveBeenCalled();
    await put(text("1", "stranger"));
    requestsAmong.mockImplementation(async (ids) => new Set(ids));
    await tellOnce(telling);
    expect(requestsAmong).toHaveBeenCalledWith(["stranger"]);
    expect(blocked).not.toHaveBeenCalled();
  });

  it("looks and tells no more once it is closed", async () => {
    await put(text("1", "bob"));
    const tellsRead = vi.fn(async () => true);
    const { telling, close } = open({ tellsRead });
    telling.scan();
    await idle();
    close();
    await tellOnce(telling);
    expect([sent, tellsRead.mock.calls.length]).toEqual([[], 1]);
  });

  it("that is closed while it tells keeps what may not have been told", async () => {
    await put(text("1", "bob"));
    const send = vi.fn(
      (_: Outgoing) =>
        new Promise<never>((__, reject) => life.addEventListener("abort", () => reject(new Error("over")))),
    );
    const { telling, life, close } = open({ client: { send } });
    await tellOnce(telling);
    expect(send).toHaveBeenCalledTimes(1);
    close();
    await idle();
    expect(await untold()).toEqual(["bob/1 delivered"]);
  });

  it("tries again no sooner than the server asks", async () => {
    stopClock();
    await put(text("1", "bob"));
    const refused = new ProblemError({ status: 429, code: "too_many_requests", detail: "", retryAfter: 60 });
    const send = vi.fn(takes).mockRejectedValueOnce(refused);
    const { telling } = open({ client: { send } });
    await tellOnce(telling);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(send).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual(['bob delivered ["1"]']);
  });
});
