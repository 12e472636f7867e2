import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Client, type ListedDevice, type Session } from "../../lib/client/index.ts";
import { Notices } from "../../static/src/chat/notices.ts";
import { Tabs } from "../../static/src/chat/tabs.ts";
import { beganAt, storedNotice, storeNotice } from "../../static/src/storage/notices.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { type Act, json, problem, scripted, session } from "../support/client-servers.ts";
import { WAIT } from "../support/eventually.ts";
import { newDatabase } from "../support/page/database.ts";

const LAPTOP: Session = { ...session, deviceId: "laptop" };

const device = (name: string, current = false): ListedDevice => ({
  ...{ deviceId: name, name, userAgent: "", lastSeen: "2026-03-12", current, shared: false },
});
const devices = (...others: string[]): Act =>
  json(200, { devices: [device("laptop", true), ...others.map((name) => device(name))] });

/** Enough turns of the event loop for everything that waits for nothing but promises. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 25; turns++) await turn();
}

let database: Database;
let notices: Notices;
let tabs: Tabs;
/** What the page shows. */
const shown = () => notices.current.value;

const newTabs = (): Tabs => {
  const one = new Tabs("alice");
  onTestFinished(() => one.close());
  return one;
};

beforeEach(async () => {
  database = await newDatabase();
  tabs = newTabs();
  notices = new Notices(database, tabs);
});

/** This browser has stored messages of a session on that device. */
const wasOn = (deviceId: string | undefined) =>
  database.put("state", { receipt: "receipt", recent: [], ...(deviceId !== undefined && { deviceId }) }, "inbox");

/** Looks whether the history is whole, at a server that answers so. */
async function check(begun: Session | undefined, act: Act, signal = new AbortController().signal) {
  const { url, seen } = await scripted(act);
  const client = new Client({ url, session: begun, live: false, retry: { giveUpAfter: 0 } });
  const rest = await notices.check(client);
  const stored = await storedNotice(database);
  return { stored, seen, complete: () => rest(signal) };
}

describe("a browser", () => {
  it("that is a new device of a user with others says that its history begins here", async () => {
    const { stored, complete } = await check(LAPTOP, devices("phone", "desk"));
    expect(await beganAt(database, "laptop")).toBeGreaterThan(Date.now() - 60_000);
    expect(await beganAt(database, "phone")).toBeUndefined();
    // Before anything is received: from then on it looks like any other one.
    expect([stored, shown()]).toEqual([{ what: "begins" }, undefined]);
    await complete();
    const notice = { what: "begins", others: ["phone", "desk"] };
    expect([await storedNotice(database), shown()]).toEqual([notice, notice]);
  });

  it("that is the only device has nothing to say", async () => {
    const { complete } = await check(LAPTOP, devices());
    await complete();
    expect([await storedNotice(database), shown()]).toEqual([undefined, undefined]);
  });

  it("that is another device now than it was says that messages may be missing", async () => {
    await wasOn("gone");
    const { stored, complete } = await check(LAPTOP, devices("phone"));
    expect(stored).toEqual({ what: "gap" });
    await complete();
    expect(shown()).toEqual({ what: "gap", others: ["phone"] });
  });

  it.each([
    [true, { what: "gap", others: [] }],
    [undefined, undefined],
  ])("that is another device, and the only one, says so if its login had to (%s)", async (mayHaveGap, notice) => {
    await wasOn("gone");
    const { complete } = await check({ ...LAPTOP, ...(mayHaveGap && { mayHaveGap }) }, devices());
    await complete();
    expect(shown()).toEqual(notice);
  });

  it("that is a new device and the only one misses nothing, whatever its login says", async () => {
    const { complete } = await check({ ...LAPTOP, mayHaveGap: true }, devices());
    await complete();
    expect(shown()).toBeUndefined();
  });

  it.each<[string, Session | undefined, string | undefined]>([
    ["is the device that it was", LAPTOP, "laptop"],
    ["goes on as the device that it was", { ...LAPTOP, continuedDeviceId: "earlier" }, "earlier"],
    ["is on the shared device", { ...session, deviceId: "shared" }, "gone"],
    ["is on the shared device of an older server", session, "gone"],
    ["is logged out", undefined, "gone"],
  ])("that %s has nothing to say, and asks nothing", async (_, begun, before) => {
    await wasOn(before);
    const { stored, seen, complete } = await check(begun, devices("phone"));
    await complete();
    expect([stored, seen, shown()]).toEqual([undefined, [], undefined]);
  });

  it("whose stored messages are of an older page is a new device", async () => {
    await wasOn(undefined);
    expect((await check(LAPTOP, devices("phone"))).stored).toEqual({ what: "gap" });
  });

  it("that had no answer yet asks again when it is opened anew", async () => {
    await wasOn("laptop");
    await storeNotice(database, { what: "begins" });
    const { complete } = await check(LAPTOP, devices("phone"));
    await complete();
    expect(shown()).toEqual({ what: "begins", others: ["phone"] });
  });

  it("that is logged out by then asks nothing, and says nothing", async () => {
    await storeNotice(database, { what: "begins" });
    const { seen, complete } = await check(undefined, devices("phone"));
    await complete();
    expect([seen, shown()]).toEqual([[], undefined]);
  });

  it("that has its answer asks no more", async () => {
    await wasOn("laptop");
    await storeNotice(database, { what: "missed", others: ["phone"] });
    const { seen, complete } = await check(LAPTOP, devices("desk"));
    await complete();
    expect(seen).toEqual([]);
    expect(await storedNotice(database)).toEqual({ what: "missed", others: ["phone"] });
  });
});

describe("the question for the other devices", () => {
  it("is put no more once the session has ended", async () => {
    const { seen, complete } = await check(LAPTOP, problem(401, "invalid_token"));
    await complete();
    expect(seen).toHaveLength(1);
    expect(shown()).toBeUndefined();
  });

  it("is put no more once the page is left", async () => {
    const life = new AbortController();
    const client = new Client({
      ...{ url: "", session: LAPTOP, live: false },
      fetch: (_, init) => new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", reject)),
    });
    const rest = await notices.check(client);
    // The time that a request has is not what ends it.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const done = rest(life.signal);
    await settle();
    life.abort();
    await done;
    expect(shown()).toBeUndefined();
  });

  it("is put again 15 seconds after a failure", async () => {
    let asked = 0;
    const network = async (): Promise<Response> => {
      if (++asked === 1) throw new TypeError("fetch failed");
      return Response.json({ devices: [device("laptop", true), device("phone")] });
    };
    const client = new Client({ url: "", session: LAPTOP, live: false, retry: { giveUpAfter: 0 }, fetch: network });
    const rest = await notices.check(client);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const done = rest(new AbortController().signal);
    await settle();
    await vi.advanceTimersByTimeAsync(14_999);
    await settle();
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await done;
    expect(asked).toBe(2);
    expect(shown()).toEqual({ what: "begins", others: ["phone"] });
  });
});

describe("what the person is to know", () => {
  const notice = { what: "missed", others: ["phone"] } as const;

  it("is shown in all tabs until it is dismissed in one", async () => {
    const other = newTabs();
    const heard: unknown[] = [];
    const told = new Promise<void>((resolve) => {
      other.listen((event) => void (heard.push(event) === 3 && resolve()));
    });
    await notices.tell(notice);
    expect(shown()).toEqual(notice);
    tabs.emit({ type: "sync" });
    expect(shown()).toEqual(notice);
    await notices.dismiss();
    expect(shown()).toBeUndefined();
    await told;
    expect(heard).toEqual([{ type: "notice", notice }, { type: "sync" }, { type: "notice", notice: undefined }]);
    expect(await storedNotice(database)).toBeUndefined();
  });

  it("is shown when another tab says so", async () => {
    const other = newTabs();
    other.emit({ type: "sync" });
    other.emit({ type: "notice", notice });
    await expect.poll(shown, WAIT).toEqual(notice);
  });

  it("is shown again after a reload, once it is known as a whole", async () => {
    await storeNotice(database, { what: "gap" });
    await notices.load();
    expect(shown()).toBeUndefined();
    await storeNotice(database, notice);
    await notices.load();
    expect(shown()).toEqual(notice);
  });

  it("stays where the pages before have stored it, and leaves nothing there once it is dismissed", async () => {
    await database.put("state", notice, "notice");
    await notices.load();
    expect(shown()).toEqual(notice);
    await notices.dismiss();
    expect(await database.getAllKeys("state")).toEqual([]);
  });

  it("is nothing where the record is damaged", async () => {
    await database.put("state", { what: 5 } as never, "notice");
    expect(await storedNotice(database)).toBeUndefined();
  });
});
