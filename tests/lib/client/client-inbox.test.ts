import { describe, expect, it, vi } from "vitest";
import { Client, type InboxState, type Message, type ReceiveOptions } from "../../../lib/client/index.ts";
import { type Act, cut, halfBody, json, problem, scripted, session, testTiming } from "../../support/client-servers.ts";
import { eventually } from "../../support/eventually.ts";

const message = (messageId: string, senderId = "bob", redelivered = false): Message => ({
  messageId,
  senderId,
  senderName: senderId,
  content: `content of ${messageId}`,
  sentAt: "2026-01-01T00:00:00.000Z",
  redelivered,
});

const batch = (receipt: string, messages: Message[] = [], more: object = { more: false }): Act =>
  json(200, { messages, receipt, ...more });

/** A server that plays the acts and then ends the loop. */
async function setUp(acts: Act[], options: ReceiveOptions = {}) {
  const controller = new AbortController();
  const last: Act = (response, request) => {
    batch("receipt-end")(response, request);
    controller.abort();
  };
  const { url, seen } = await scripted(...acts, last);
  const timing = testTiming();
  const client = new Client({ url, session, timing, live: false });
  const receive = (more: ReceiveOptions = {}) => client.receive({ signal: controller.signal, ...options, ...more });
  return { client, controller, receive, timing, seen, acks: () => seen.map(({ body }) => body.ack) };
}

async function drain(inbox: AsyncIterable<Message>): Promise<string[]> {
  const got: string[] = [];
  for await (const { senderId, messageId } of inbox) got.push(`${senderId}/${messageId}`);
  return got;
}

describe("the receipt chain", () => {
  it("begins with the login's receipt and shows the receipt of each batch that was taken", async () => {
    const { receive, acks } = await setUp([
      batch("receipt-0"),
      batch("receipt-1", [message("1"), message("2")]),
      batch("receipt-2", [message("3")]),
    ]);
    expect(await drain(receive())).toEqual(["bob/1", "bob/2", "bob/3"]);
    expect(acks()).toEqual(["receipt-0", "receipt-0", "receipt-1", "receipt-2"]);
  });

  it("shows the same receipt again after an answer that was lost or unreadable", async () => {
    const { receive, acks } = await setUp([
      cut,
      halfBody,
      json(200, { messages: [] }),
      problem(500, "internal"),
      problem(429, "slow"),
      batch("receipt-1", [message("1")]),
    ]);
    expect(await drain(receive())).toEqual(["bob/1"]);
    expect(acks()).toEqual([...Array(6).fill("receipt-0"), "receipt-1"]);
  });

  it("passes the limit", async () => {
    const { receive, seen } = await setUp([], { limit: 7 });
    await drain(receive());
    expect(seen[0]?.body).toEqual({ id: "id-1", ack: "receipt-0", limit: 7 });
  });

  it("does not ask for more before the last message of a batch is taken", async () => {
    const { receive, seen } = await setUp([batch("receipt-1", [message("1"), message("2")])]);
    const messages = receive()[Symbol.asyncIterator]();
    await messages.next();
    await messages.next();
    expect(seen).toHaveLength(1);
    expect(await messages.next()).toEqual({ done: true, value: undefined });
    expect(seen).toHaveLength(2);
  });

  it("goes on from a saved state", async () => {
    const { receive, acks } = await setUp([batch("receipt-8", [message("1"), message("2")])]);
    expect(await drain(receive({ state: { receipt: "receipt-7", recent: ["bob/1"] } }))).toEqual(["bob/2"]);
    expect(acks()).toEqual(["receipt-7", "receipt-8"]);
  });
});

describe("the state", () => {
  it("is saved before a receipt is shown for the first time, and after each message", async () => {
    const states: InboxState[] = [];
    const { receive, acks } = await setUp([batch("receipt-1", [message("1"), message("2")]), batch("receipt-2")]);
    const inbox = receive({ onState: (state) => void states.push(state) });
    const inHand: InboxState[] = [];
    for await (const _ of inbox) {
      inHand.push(inbox.state);
      expect(states).toHaveLength(inHand.length);
    }
    expect(states).toEqual([
      { receipt: "receipt-0", recent: [] },
      { receipt: "receipt-0", recent: ["bob/1"] },
      { receipt: "receipt-1", recent: ["bob/1", "bob/2"] },
      { receipt: "receipt-2", recent: ["bob/1", "bob/2"] },
    ]);
    expect(inHand).toEqual(states.slice(1, 3));
    expect(acks()).toEqual(["receipt-0", "receipt-1", "receipt-2"]);
  });

  it("is waited for, and no acknowledgement overtakes it", async () => {
    const { receive, seen } = await setUp([batch("receipt-1", [message("1")])]);
    const saving = Promise.withResolvers<void>();
    const onState = vi.fn((state: InboxState) => (state.receipt === "receipt-1" ? saving.promise : undefined));
    const messages = receive({ onState })[Symbol.asyncIterator]();
    await messages.next();
    const end = messages.next();
    await eventually(() => expect(onState).toHaveBeenCalledTimes(2));
    expect(seen).toHaveLength(1);
    saving.resolve();
    await end;
    expect(seen).toHaveLength(2);
  });

  it("that cannot be saved ends the loop, and the message comes again", async () => {
    const { receive, acks } = await setUp([batch("receipt-1", [message("1")]), batch("receipt-1", [message("1")])]);
    const onState = (state: InboxState) => {
      if (state.receipt === "receipt-1") throw new Error("disk full");
    };
    await expect(drain(receive({ onState }))).rejects.toThrow("disk full");
    expect(await drain(receive())).toEqual(["bob/1"]);
    expect(acks()).toEqual(["receipt-0", "receipt-0", "receipt-1"]);
  });

  it("that cannot be saved is not gone on from by the same inbox either", async () => {
    const { receive } = await setUp([batch("receipt-1", [message("1")]), batch("receipt-1", [message("1")])]);
    const onState = vi.fn<(state: InboxState) => void>();
    onState.mockReturnValueOnce().mockImplementationOnce(() => {
      throw new Error("disk full");
    });
    const inbox = receive({ onState });
    await expect(drain(inbox)).rejects.toThrow("disk full");
    expect(await drain(inbox)).toEqual(["bob/1"]);
  });

  it("remembers a bounded number of messages, and never fewer than the largest batch", async () => {
    const hundred = (round: number) => Array.from({ length: 100 }, (_, i) => message(`${round}-${i}`));
    const acts = [1, 2, 3, 4].map((round) => batch(`receipt-${round}`, hundred(round)));
    const { receive } = await setUp(acts);
    const inbox = receive();
    expect(await drain(inbox)).toHaveLength(400);
    expect(inbox.state.recent).toEqual([...hundred(3), ...hundred(4)].map(({ messageId }) => `bob/${messageId}`));
  });

  it("of another user is not gone on from", async () => {
    const { client, receive, acks } = await setUp([batch("receipt-1", [message("1")])]);
    await drain(receive());
    client.session = { ...session, id: "id-2", receipt: "receipt-of-2" };
    const controller = new AbortController();
    await drain(client.receive({ signal: controller.signal, onState: () => controller.abort() }));
    expect(acks()).toEqual(["receipt-0", "receipt-1"]);
    expect(client.receive().state.receipt).toBe("receipt-of-2");
  });
});

describe("repeats", () => {
  it("are told by sender and id, not by the id alone", async () => {
    const { receive } = await setUp([batch("receipt-1", [message("1"), message("1", "carol"), message("1")])]);
    expect(await drain(receive())).toEqual(["bob/1", "carol/1"]);
  });

  it("are skipped when flagged, while a flagged message that is new comes through", async () => {
    const { receive, acks } = await setUp([
      batch("receipt-1", [message("1")]),
      batch("receipt-2", [message("1", "bob", true), message("2", "bob", true)]),
      batch("receipt-3", [message("2", "bob", true)]),
    ]);
    expect(await drain(receive())).toEqual(["bob/1", "bob/2"]);
    expect(acks()).toEqual(["receipt-0", "receipt-1", "receipt-2", "receipt-3"]);
  });
});

describe("leaving", () => {
  it("by break keeps the message in hand and what follows it untaken", async () => {
    const again = batch("receipt-1", [message("1"), message("2"), message("3")]);
    const { receive, acks } = await setUp([again, again]);
    for await (const { messageId } of receive()) if (messageId === "2") break;
    expect(acks()).toEqual(["receipt-0"]);
    expect(await drain(receive())).toEqual(["bob/2", "bob/3"]);
    expect(acks()).toEqual(["receipt-0", "receipt-0", "receipt-1"]);
  });

  it("by a throw keeps the message in hand untaken, even the last one", async () => {
    const again = batch("receipt-1", [message("1")]);
    const { receive, acks } = await setUp([again, again]);
    const failing = async () => {
      for await (const _ of receive()) throw new Error("could not be stored");
    };
    await expect(failing()).rejects.toThrow("could not be stored");
    expect(await drain(receive())).toEqual(["bob/1"]);
    expect(acks()).toEqual(["receipt-0", "receipt-0", "receipt-1"]);
  });

  it("by break and going on from the inbox's state takes the message in hand", async () => {
    const { receive, acks } = await setUp([batch("receipt-1", [message("1")])]);
    const inbox = receive();
    for await (const _ of inbox) break;
    expect(acks()).toEqual(["receipt-0"]);
    expect(await drain(receive({ state: inbox.state }))).toEqual([]);
    expect(acks()).toEqual(["receipt-0", "receipt-1"]);
  });

  it("by the signal takes the message in hand, saves that, and hands out no other", async () => {
    const states: InboxState[] = [];
    const { controller, receive, seen } = await setUp([batch("receipt-1", [message("1"), message("2")])]);
    const got: string[] = [];
    for await (const { messageId } of receive({ onState: (state) => void states.push(state) })) {
      got.push(messageId);
      controller.abort();
    }
    expect(got).toEqual(["1"]);
    expect(states.at(-1)).toEqual({ receipt: "receipt-0", recent: ["bob/1"] });
    expect(seen).toHaveLength(1);
  });

  it("by the signal ends a sync under way", async () => {
    const { receive, controller, seen } = await setUp([() => controller.abort()]);
    expect(await drain(receive())).toEqual([]);
    expect(seen).toHaveLength(1);
  });

  it.each<[string, Act]>([
    ["a wait between syncs", batch("receipt-0")],
    ["a wait after a failure", problem(503, "unavailable", { "retry-after": "3600" })],
  ])("by the signal ends %s, on the real clock", async (_name, act) => {
    const controller = new AbortController();
    const { url, seen } = await scripted((response, request) => {
      act(response, request);
      response.on("close", () => setTimeout(() => controller.abort(), 20));
    });
    const client = new Client({ url, session, live: false });
    const poll = { min: 3_600_000, max: 3_600_000 };
    expect(await drain(client.receive({ signal: controller.signal, poll }))).toEqual([]);
    expect(seen).toHaveLength(1);
  });

  it.each([400, 401, 403, 404])("by a %i throws", async (status) => {
    const code = status === 401 ? "invalid_token" : "refused";
    const { receive, seen } = await setUp([problem(status, code)]);
    await expect(drain(receive())).rejects.toMatchObject({ status, code });
    expect(seen).toHaveLength(1);
  });
});

describe("pace", () => {
  it("grows while nothing comes, up to a maximum, and starts anew with a message", async () => {
    const none = batch("receipt-0");
    const { receive, timing } = await setUp([none, none, none, none, batch("receipt-1", [message("1")]), none], {
      poll: { min: 200, max: 500 },
    });
    await drain(receive());
    // Jitter of the test's clock: three quarters of the interval.
    expect(timing.sleeps.map((ms) => ms / 0.75)).toEqual([200, 300, 450, 500, 200, 300]);
  });

  it("follows a change of the maximum", async () => {
    const none = batch("receipt-0");
    const { receive, timing } = await setUp([none, none, none, none], { poll: { min: 1_000, max: 1_000 } });
    const inbox = receive();
    timing.onSleep = () => {
      inbox.poll.max = 3_000;
    };
    await drain(inbox);
    expect(timing.sleeps.map((ms) => ms / 0.75)).toEqual([1_000, 1_500, 2_250, 3_000]);
  });

  it("asks at once when there is more", async () => {
    const { receive, timing } = await setUp([
      batch("receipt-1", [message("1")], { more: true }),
      batch("receipt-2", [message("2")], { more: true }),
    ]);
    await drain(receive());
    expect(timing.sleeps).toEqual([]);
  });

  it("does not run in circles when there is always more and never a message", async () => {
    const none = batch("receipt-0");
    const promise = batch("receipt-0", [], { more: true });
    const { receive, timing } = await setUp([none, promise, promise], { poll: { min: 200 } });
    await drain(receive());
    expect(timing.sleeps.map((ms) => ms / 0.75)).toEqual([200, 200, 200]);
  });

  it("waits as long as another client holds the batch", async () => {
    const { receive, timing } = await setUp([batch("receipt-0", [], { more: false, retryAfter: 12 })]);
    await drain(receive());
    expect(timing.sleeps).toEqual([12_000 + 125]);
  });

  it("backs off from failures without an end, honours Retry-After, and tells of each", async () => {
    const onRetry = vi.fn();
    const failures = Array(12).fill(cut);
    const { receive, timing } = await setUp([...failures, problem(503, "unavailable", { "retry-after": "9" })], {
      onRetry,
    });
    await drain(receive());
    expect(onRetry).toHaveBeenCalledTimes(13);
    const delays = onRetry.mock.calls.map(([, delay]) => delay);
    expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, ...Array(6).fill(5_000), 14_000]);
    expect(timing.sleeps.reduce((sum, ms) => sum + ms)).toBe(delays.reduce((sum, ms) => sum + ms));
  });
});

describe("wake", () => {
  const long = { min: 3_600_000, max: 3_600_000 };

  it("ends a wait, on the real clock", async () => {
    const controller = new AbortController();
    const { url, seen } = await scripted(batch("receipt-0"), (response, request) => {
      batch("receipt-0")(response, request);
      controller.abort();
    });
    const client = new Client({ url, session, live: false });
    const inbox = client.receive({ signal: controller.signal, poll: long });
    const waker = setInterval(() => seen.length === 1 && inbox.wake(), 20);
    await drain(inbox);
    clearInterval(waker);
    expect(seen).toHaveLength(2);
  });

  it("during a sync makes another one at once, since the first may have looked too early", async () => {
    const { receive, timing } = await setUp([
      (response, request) => {
        inbox.wake();
        batch("receipt-0")(response, request);
      },
      batch("receipt-0"),
    ]);
    const inbox = receive({ poll: { min: 1_000 } });
    await drain(inbox);
    expect(timing.sleeps).toEqual([1_000 * 1.5 * 0.75]);
  });

  it("ends the backoff after a failure, but not what Retry-After asks for", async () => {
    const { receive, timing } = await setUp([
      (response, request) => {
        inbox.wake();
        problem(503, "unavailable", { "retry-after": "9" })(response, request);
      },
    ]);
    const inbox = receive();
    await drain(inbox);
    expect(timing.sleeps.filter((ms) => ms > 0)).toEqual([9_000]);
  });
});
