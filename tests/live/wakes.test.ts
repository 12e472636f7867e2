import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { LIMITS } from "../../lib/contract/limits.ts";
import { hangUpBy } from "../../lib/live/hang-up.ts";
import type { Connection, Listeners } from "../../lib/live/listeners.ts";
import { WAKE } from "../../lib/live/live-frames.ts";
import type { LiveGateway } from "../../lib/live/live-gateway.ts";
import { type FrameFor, Wakes } from "../../lib/live/wakes.ts";

const SECOND = 1_000;

let asked: AbortSignal[];
let counted: Record<string, number>[];

/** Never answers, and remembers whom it was asked to hurry by. */
const hang = (signal: AbortSignal | undefined) =>
  new Promise<never>(() => {
    if (signal) asked.push(signal);
  });

const gateway: LiveGateway = ({ abortSignal }) => hang(abortSignal);

/** Where these listen. */
function listenersOf(list: () => Promise<Connection[]>): Listeners {
  const listeners: Pick<Listeners, "list" | "remove"> = { list, remove: async () => {} };
  return listeners as Listeners;
}

/** Wakes through a gateway that hangs, where these listen. */
function wakesOf(list: () => Promise<Connection[]>): Wakes {
  return new Wakes(listenersOf(list), gateway, (name, value) => counted.push({ [name]: value ?? 1 }));
}

const one = async () => [{ connectionId: "one=", sessionId: "session", deviceId: "shared" }];

const fresh = async (): Promise<boolean> => false;

/** A wake for a message that no channel knows, unless told otherwise. All connections are told to sync. */
function wakeBy(wakes: Wakes, isRepeat: (deviceId: string) => Promise<boolean> = fresh, userId = "bob") {
  const wake = wakes.prepare(userId, isRepeat);
  return (frameFor: FrameFor = () => WAKE): Promise<void> => wake(frameFor);
}

/** How long it takes, on a clock that goes as fast as it can. */
async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = Date.now();
  const end = work().then(() => Date.now());
  await vi.runAllTimersAsync();
  return (await end) - start;
}

beforeEach(() => {
  asked = [];
  counted = [];
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.useFakeTimers();
  return () => {
    vi.useRealTimers();
  };
});

describe("with a gateway that hangs", () => {
  it("the first send that wakes somebody is answered within a second, all others within 300 ms", async () => {
    const wakes = wakesOf(one);
    expect(await timeOf(wakeBy(wakes))).toBe(1 * SECOND);
    expect(await timeOf(wakeBy(wakes))).toBe(300);
    expect(await timeOf(wakeBy(wakes, fresh, "carol"))).toBe(300);
    expect(asked.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });

  it("a send that wakes somebody after a pause may have to connect anew, and has a second for it", async () => {
    const wakes = wakesOf(one);
    await timeOf(wakeBy(wakes));
    await vi.advanceTimersByTimeAsync(4 * SECOND - 1);
    expect(await timeOf(wakeBy(wakes))).toBe(300);
    await vi.advanceTimersByTimeAsync(LIMITS.live.wakePause - 300);
    expect(await timeOf(wakeBy(wakes))).toBe(1 * SECOND);
  });

  it("the bound is for all connections together, and each of them counts as not woken", async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({
      connectionId: `${index}=`,
      sessionId: "session",
      deviceId: "shared",
    }));
    expect(await timeOf(wakeBy(wakesOf(async () => many)))).toBe(1 * SECOND);
    expect(counted).toEqual([{ WakeSuccesses: 0 }, { WakeFailures: 50 }]);
  });

  it("a send to somebody who does not listen waits for nobody, and leaves the first one its time", async () => {
    let listening: Connection[] = [];
    const wakes = wakesOf(async () => listening);
    expect(await timeOf(wakeBy(wakes))).toBe(0);
    listening = await one();
    expect(await timeOf(wakeBy(wakes))).toBe(1 * SECOND);
  });

  it("a session ends within a second", async () => {
    const hangUp = hangUpBy(listenersOf(one), gateway);
    expect(await timeOf(() => hangUp("bob", () => true))).toBe(1 * SECOND);
    expect(asked.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

describe("the caller", () => {
  const on = (deviceId: string, connectionId: string): Connection => ({ connectionId, sessionId: "session", deviceId });

  it("learns which devices are connected: the others may get a push", async () => {
    const wakes = wakesOf(async () => [on("phone", "1="), on("laptop", "2="), on("phone", "3=")]);
    expect(await wakes.lookUp("bob", fresh).connected).toEqual(new Set(["phone", "laptop"]));
  });

  it("takes none for connected if that cannot be looked up", async () => {
    const wakes = wakesOf(async () => {
      throw new Error("throttled");
    });
    expect(await wakes.lookUp("bob", fresh).connected).toEqual(new Set());
  });
});

describe("a receiver with many connections", () => {
  const many = Array.from({ length: 50 }, (_, index) => ({
    connectionId: `${index}=`,
    sessionId: "session",
    deviceId: "shared",
  }));
  const { burst, perSecond } = LIMITS.live.furtherWakes;
  let posted: string[];
  let gone: string[];
  let removed: string[];
  let failing: string[];

  function wakesTo(connections: Connection[], random = () => 0.5): Wakes {
    [posted, gone, removed, failing] = [[], [], [], []];
    const telling: LiveGateway = async ({ connectionId }) => {
      posted.push(connectionId);
      if (failing.includes(connectionId)) throw new Error("a fault of API Gateway");
      return !gone.includes(connectionId);
    };
    const listeners = { list: async () => connections, remove: async (_: string, id: string) => void removed.push(id) };
    const count = (name: string, value = 1) => void counted.push({ [name]: value });
    return new Wakes(listeners as never, telling, count, () => Date.now(), random);
  }

  const wake = async (wakes: Wakes): Promise<string[]> => {
    posted.length = 0;
    await wakeBy(wakes)();
    return [...posted];
  };

  it("has all of them woken by a message, and by each of a flood one, which is any of them", async () => {
    let chance = 0;
    const wakes = wakesTo(many, () => chance);
    const all = many.map(({ connectionId }) => connectionId);
    for (let taken = many.length - 1; taken <= burst; taken += many.length - 1) expect(await wake(wakes)).toEqual(all);
    for (chance of [0, 0.5, 0.99]) expect(await wake(wakes)).toEqual([all[Math.floor(50 * chance)]]);
    expect(counted.slice(-2)).toEqual([{ WakeSuccesses: 1 }, { WakeFailures: 0 }]);
    await vi.advanceTimersByTimeAsync(((many.length - 1) / perSecond) * SECOND);
    expect(await wake(wakes)).toEqual(all);
  });

  it("is woken in a flood by the next of them that lives", async () => {
    const wakes = wakesTo(many);
    for (let sent = 0; sent < burst / 40; sent++) await wake(wakes);
    gone = ["25=", "26="];
    expect(await wake(wakes)).toEqual(["25=", "26=", "27="]);
    expect(removed).toEqual(["25=", "26="]);
    expect(counted.slice(-2)).toEqual([{ WakeSuccesses: 1 }, { WakeFailures: 0 }]);
  });

  it("is woken in a flood by the next of them where API Gateway fails for one", async () => {
    const wakes = wakesTo(many);
    for (let sent = 0; sent < burst / 40; sent++) await wake(wakes);
    failing = ["25=", "26="];
    expect(await wake(wakes)).toEqual(["25=", "26=", "27="]);
    expect(removed).toEqual([]);
    expect(counted.slice(-2)).toEqual([{ WakeSuccesses: 1 }, { WakeFailures: 0 }]);
  });

  it("counts in a flood as one wake that failed where API Gateway fails for all", async () => {
    const wakes = wakesTo(many);
    for (let sent = 0; sent < burst / 40; sent++) await wake(wakes);
    failing = many.map(({ connectionId }) => connectionId);
    expect((await wake(wakes)).toSorted()).toEqual(failing.toSorted());
    expect(counted.slice(-2)).toEqual([{ WakeSuccesses: 0 }, { WakeFailures: 1 }]);
    expect(console.warn).toHaveBeenCalledOnce();
  });

  it("counts in a flood as none that failed where no connection is left", async () => {
    const wakes = wakesTo(many);
    for (let sent = 0; sent < burst / 40; sent++) await wake(wakes);
    gone = many.map(({ connectionId }) => connectionId);
    await wake(wakes);
    expect(removed.toSorted()).toEqual(gone.toSorted());
    expect(counted.slice(-2)).toEqual([{ WakeSuccesses: 0 }, { WakeFailures: 0 }]);
    expect(console.warn).not.toHaveBeenCalled();
  });

  it("has no further one tried in a flood once the time is over", async () => {
    const listeners = listenersOf(async () => many);
    const count = (name: string, value = 1) => void counted.push({ [name]: value });
    let isSlow = false;
    const tried: string[] = [];
    const telling: LiveGateway = async ({ connectionId }) => {
      if (!isSlow) return true;
      tried.push(connectionId);
      await new Promise((resolve) => setTimeout(resolve, 200));
      throw new Error("a fault of API Gateway");
    };
    const wakes = new Wakes(listeners, telling, count, Date.now, () => 0);
    for (let sent = 0; sent < burst / 40; sent++) await wakeBy(wakes)();
    isSlow = true;
    expect(await timeOf(wakeBy(wakes))).toBe(300);
    expect(tried).toEqual(["0=", "1="]);
    expect(counted.slice(-2)).toEqual([{ WakeSuccesses: 0 }, { WakeFailures: 1 }]);
  });

  it("takes nothing off another's, and one with a single connection has each message wake it, however many come", async () => {
    const wakes = wakesTo(many.slice(0, 1));
    for (let sent = 0; sent < 3 * burst; sent++) expect(await wake(wakes)).toEqual(["0="]);
  });
});

describe("a receiver with several devices", () => {
  const { burst } = LIMITS.live.furtherWakes;
  const connection = (connectionId: string, deviceId: string): Connection => ({
    connectionId,
    sessionId: "session",
    deviceId,
  });
  const all = [connection("a1", "a"), connection("b1", "b"), connection("a2", "a"), connection("c1", "c")];
  let posted: string[];

  function wakesTo(connections: Connection[], failing: readonly string[] = []): Wakes {
    posted = [];
    const telling: LiveGateway = async ({ connectionId }) => {
      posted.push(connectionId);
      if (failing.includes(connectionId)) throw new Error("a fault of API Gateway");
      return true;
    };
    const count = (name: string, value = 1) => void counted.push({ [name]: value });
    return new Wakes(
      listenersOf(async () => connections),
      telling,
      count,
      () => Date.now(),
      () => 0,
    );
  }

  const wake = async (wakes: Wakes, ...args: Partial<Parameters<ReturnType<Wakes["prepare"]>>>) => {
    posted.length = 0;
    await wakeBy(wakes)(...args);
    return posted.toSorted();
  };

  it("has the connections of those woken for which something is new, and no others", async () => {
    const wakes = wakesTo(all);
    expect(await wake(wakes, ({ deviceId }) => (deviceId === "b" ? undefined : WAKE))).toEqual(["a1", "a2", "c1"]);
    expect(await wake(wakes, ({ deviceId }) => (deviceId === "b" ? WAKE : undefined))).toEqual(["b1"]);
    expect(await wake(wakes, () => undefined)).toEqual([]);
    expect(counted.slice(-2)).toEqual([{ WakeSuccesses: 0 }, { WakeFailures: 0 }]);
  });

  it("has none woken whose channel knows the message, each asked once", async () => {
    const asked: string[] = [];
    const isRepeat = async (deviceId: string) => {
      asked.push(deviceId);
      if (deviceId === "c") throw new Error("the head cannot be read");
      return deviceId === "a";
    };
    await wakeBy(wakesTo(all), isRepeat)();
    expect(posted.toSorted()).toEqual(["b1", "c1"]);
    expect(asked.toSorted()).toEqual(["a", "b", "c"]);
  });

  it("has one connection of each device woken in a flood", async () => {
    const many = Array.from({ length: 10 }, (_, at) => connection(`many${at}`, "a"));
    const wakes = wakesTo([...many, connection("b1", "b")]);
    for (let taken = 9; taken <= burst; taken += 9) expect(await wake(wakes)).toHaveLength(11);
    expect(await wake(wakes)).toEqual(["b1", "many0"]);
    expect(counted.slice(-2)).toEqual([{ WakeSuccesses: 2 }, { WakeFailures: 0 }]);
  });

  it("counts the devices for which something is new, and no others", async () => {
    const many = Array.from({ length: 10 }, (_, at) => connection(`many${at}`, "a"));
    const wakes = wakesTo([...many, connection("b1", "b")]);
    const isNewOnA: FrameFor = ({ deviceId }) => (deviceId === "a" ? WAKE : undefined);
    for (let taken = 9; taken <= burst; taken += 9) expect(await wake(wakes, isNewOnA)).toHaveLength(10);
    expect(await wake(wakes, isNewOnA)).toEqual(["many0"]);
    expect(counted.slice(-2)).toEqual([{ WakeSuccesses: 1 }, { WakeFailures: 0 }]);
  });

  it("has a device woken in a flood though another one's connection fails", async () => {
    const many = Array.from({ length: 10 }, (_, at) => connection(`many${at}`, "a"));
    const wakes = wakesTo([connection("b1", "b"), ...many], ["b1"]);
    for (let taken = 9; taken <= burst; taken += 9) await wake(wakes);
    expect(await wake(wakes)).toEqual(["b1", "many0"]);
    expect(counted.slice(-2)).toEqual([{ WakeSuccesses: 1 }, { WakeFailures: 1 }]);
  });

  it("takes nothing of the bound with one connection on each", async () => {
    const wakes = wakesTo([connection("a1", "a"), connection("b1", "b")]);
    for (let sent = 0; sent < 2 * burst; sent++) expect(await wake(wakes)).toEqual(["a1", "b1"]);
  });
});

it("a look at the connections that hangs holds the answer up no longer", async () => {
  const wakes = wakesOf(() => new Promise(() => {}));
  expect(await timeOf(wakeBy(wakes))).toBe(1 * SECOND);
  expect(counted).toEqual([{ WakeSuccesses: 0 }, { WakeFailures: 1 }]);
});

it("connections that cannot be looked up end no process where nobody asks for the outcome", async () => {
  vi.useRealTimers();
  const rejected: unknown[] = [];
  const note = (reason: unknown) => void rejected.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  wakesOf(() => Promise.reject(new Error("the database is out of reach"))).prepare("bob", fresh);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(rejected).toEqual([]);
});
