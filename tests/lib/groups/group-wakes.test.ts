import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { SendWakes } from "../../../lib/devices/send-wakes.ts";
import type { GroupAnswer, Leg } from "../../../lib/groups/group-fan-out.ts";
import { GroupWakes } from "../../../lib/groups/group-wakes.ts";

const MESSAGE = { senderId: "ann", senderName: "ann", content: "Hello" };
const SENT = { stored: [], missedBy: [], messageId: "m", sentAt: 1 } as GroupAnswer;

const NOW = Date.now();

/** The look-ups and the wakes of each member, as they are asked for; each ends when it is told to. */
function scripted() {
  const begun: string[] = [];
  const woken: string[] = [];
  const ends = new Map<string, () => void>();
  const destinations = new Map<string, unknown>();
  const wakes = {
    lookUp: (_: unknown, userId: string, found: readonly unknown[]) => {
      begun.push(userId);
      destinations.set(userId, found);
      if (found.length === 0) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.set(userId, resolve);
      return { isDone: promise, wake: async () => void woken.push(userId) };
    },
  } as unknown as SendWakes;
  const heads: (readonly string[])[] = [];
  const wakesFor = (channels: readonly string[]) => {
    heads.push(channels);
    return wakes;
  };
  return { wakes: new GroupWakes(wakesFor, () => NOW), begun, woken, ends, destinations, heads };
}

const users = Array.from({ length: LIMITS.groups.lookedUpAtOnce + 3 }, () => randomUUID());
const legOf = (id: string, connectedUntil?: number) =>
  ({ party: { id, connectedUntil }, destinations: [{ channel: id }] }) as unknown as Leg;
const settle = () => new Promise(setImmediate);

describe("the wakes of a group", () => {
  beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => {}));
  afterEach(() => vi.restoreAllMocks());

  it("look up so many members at a time, and wake all of them", async () => {
    const { wakes, begun, woken, ends } = scripted();
    const wake = wakes.prepare(
      MESSAGE,
      users.map((id) => legOf(id)),
    );
    await settle();
    const atOnce = LIMITS.groups.lookedUpAtOnce;
    expect(begun).toEqual(users.slice(0, atOnce));
    ends.get(users[0] ?? "")?.();
    await settle();
    expect(begun).toHaveLength(atOnce + 1);
    for (let left = users.length; left > 0; left--) {
      for (const end of ends.values()) end();
      await settle();
    }
    expect(woken).toEqual([]);
    await wake.wake(SENT);
    expect(woken).toEqual(users);
  });

  it("have the heads of all channels read at once, of members who may listen, where the message may be a repeat", () => {
    const { wakes, heads } = scripted();
    const [one = "", other = "", never = ""] = users;
    const twice = { ...legOf(other), destinations: [{ channel: "laptop" }, { channel: "phone" }] } as unknown as Leg;
    const legs = [legOf(one), twice, legOf(never, 0)];
    wakes.prepare({ ...MESSAGE, messageId: "m" }, legs);
    wakes.prepare(MESSAGE, legs);
    expect(heads).toEqual([[one, "laptop", "phone"], []]);
  });

  it("look up nobody of whom it is known that there is no connection, and everybody else", async () => {
    const { wakes, begun } = scripted();
    const [unknown = "", never = "", before = "", now = ""] = users;
    wakes.prepare(MESSAGE, [legOf(unknown), legOf(never, 0), legOf(before, NOW), legOf(now, NOW + 1)]);
    await settle();
    expect(begun).toEqual([unknown, now]);
  });

  it("ask for a member's own destinations, and wake the others where nothing goes to one", async () => {
    const { wakes, destinations, woken, ends } = scripted();
    const [one = "", other = ""] = users;
    const wake = wakes.prepare(MESSAGE, [{ ...legOf(one), destinations: [] }, legOf(other)]);
    await settle();
    expect([...destinations]).toEqual([
      [one, []],
      [other, [{ channel: other }]],
    ]);
    ends.get(other)?.();
    await wake.wake(SENT);
    expect(woken).toEqual([other]);
  });

  it("end with the time for them, though a look-up never does, and fail nothing", async () => {
    const { firstWakeTime } = LIMITS.live;
    Object.assign(LIMITS.live, { firstWakeTime: 1 });
    try {
      const { wakes, woken } = scripted();
      await wakes.prepare(MESSAGE, [legOf(users[0] ?? "")]).wake(SENT);
      expect(woken).toEqual([]);
      expect(console.warn).toHaveBeenCalledTimes(1);
      expect(String(vi.mocked(console.warn).mock.calls[0])).toContain("wake the members of a group");
    } finally {
      Object.assign(LIMITS.live, { firstWakeTime });
    }
  });

  it("fail nothing where a look-up does, though nobody is woken", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    try {
      const lookUp = () => ({ isDone: Promise.reject(new Error("broken")), wake: async () => {} });
      new GroupWakes(
        () => ({ lookUp }) as unknown as SendWakes,
        () => NOW,
      ).prepare(MESSAGE, [legOf(users[0] ?? "")]);
      await settle();
      await settle();
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off("unhandledRejection", unhandled);
    }
  });
});
