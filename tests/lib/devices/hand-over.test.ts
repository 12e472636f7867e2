import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { profileKey } from "../../../lib/database/account-keys.ts";
import { deleteRecord } from "../../../lib/database/delete-record.ts";
import type { Device } from "../../../lib/devices/device-map.ts";
import { InvalidToken, Unavailable } from "../../../lib/runtime/errors.ts";
import { channelKey, newMessageId } from "../../../lib/runtime/ids.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { device, dormant, ending, idsIn, leavingTo, MINUTE, NOW, shared } from "../../support/example-devices.ts";
import { HandOverWorld, type OnItsWay } from "./hand-over-world.ts";

describe.each(engines)("a device that ends on $name", ({ start }) => {
  let engine: TestEngine;
  let world: HandOverWorld;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    world = new HandOverWorld(engine);
  });

  /** It came an hour ago, and its heir half an hour ago. */
  const old = ending("old", 60);
  const heir = device("heir", 30);
  const BEFORE_HEIR = 31 * MINUTE;

  const isHeadOf = (name: string, { input }: OnItsWay): boolean =>
    input.Item?.["position"]?.S === "#head" && (input.Item["receiverId"]?.S ?? "").endsWith(`/${name}`);
  const isPutOn = (name: string, command: OnItsWay): boolean =>
    command.name === "PutItem" &&
    !isHeadOf(name, command) &&
    (command.input.Item?.["receiverId"]?.S ?? "").endsWith(`/${name}`);

  describe("with an older one that has everything", () => {
    it("leaves at once: first its sessions end, then the map changes, then its channel is closed", async () => {
      await world.begin(device("oldest", 90), old);
      await world.put(old, world.message("waits", 5));
      world.intercept(async ({ name, go }) => {
        if (name === "UpdateItem") world.done.push("change the map");
        return go();
      });
      const map = await world.step();
      expect(idsIn(map)).toEqual(["oldest"]);
      expect(map).toEqual(await world.read());
      expect(world.done).toEqual(["end old", "change the map", "remove the name of old"]);
      expect((await world.items(old)).head?.["expiresAt"]).toEqual({
        N: String(Math.ceil((NOW + LIMITS.retention) / 1_000)),
      });
    });

    it("has its channel closed though the answer to the change was lost, and its repeat found it done", async () => {
      await world.begin(device("oldest", 90), { ...old, ended: true });
      let lost = 0;
      world.intercept(async ({ name, input, go }) => {
        const output = await go();
        if (name !== "UpdateItem" || input.TableName === undefined || lost++ > 0) return output;
        throw new ConditionalCheckFailedException({ message: "it is there", $metadata: {} });
      });
      expect(idsIn(await world.step())).toEqual(["oldest"]);
      expect(lost).toBe(1);
      expect((await world.items(old)).head).toHaveProperty("expiresAt");
    });

    it("leaves nothing behind if it dies in between: the next one goes on", async () => {
      await world.begin(device("oldest", 90), old);
      world.intercept(async ({ name, go }) => {
        if (name === "UpdateItem") throw Object.assign(new Error("busy"), { name: "ThrottlingException" });
        return go();
      });
      await expect(world.step()).rejects.toThrow(Unavailable);
      world.intercept();
      expect(idsIn(await world.read())).toEqual(["oldest", "old"]);
      expect(idsIn(await world.step())).toEqual(["oldest"]);
      expect(world.done).toEqual(["end old", "end old", "remove the name of old"]);
    });
  });

  describe("alone", () => {
    it("becomes dormant, and what waits stays there for the next login", async () => {
      await world.begin(old, shared(5));
      await world.put(old, world.message("waits", 5));
      expect(await world.step()).toMatchObject({ devices: [dormant("old", 60, { last: "old" }), shared(5)] });
      expect((await world.read()).devices[0]).toEqual(dormant("old", 60, { last: "old" }));
      expect(world.done).toEqual(["end old", "remove the name of old"]);
      expect(await world.receive(old)).toEqual(["waits"]);
    });
  });

  describe("whose heir has been there for long", () => {
    beforeEach(() => world.begin(old, heir));

    it("hands over what was stored before the heir had been there for a minute, and nothing else", async () => {
      await world.put(
        old,
        world.message("before", BEFORE_HEIR),
        world.message("in its first minute", 29 * MINUTE + 1),
        world.message("on both", 29 * MINUTE),
      );
      expect(idsIn(await world.step())).toEqual(["heir"]);
      expect(await world.texts(heir)).toEqual(["before", "in its first minute"]);
      expect(world.done).toEqual(["end old", "tell session of heir", "remove the name of old"]);
    });

    it("costs two changes of the map: that it leaves, and that it has left", async () => {
      await world.put(old, world.message("waits", BEFORE_HEIR));
      const map = await world.read();
      world.commands.splice(0);
      await world.handOver.step(world.userId, map, Number.POSITIVE_INFINITY);
      expect(world.commands.filter((name) => name === "UpdateItem")).toHaveLength(2);
    });

    it("is marked as leaving before anything is read, so that sends skip it", async () => {
      await world.put(old, world.message("waits", BEFORE_HEIR));
      const marks: unknown[] = [];
      world.intercept(async (command) => {
        if (command.name === "Query") marks.push((await world.read()).devices[0]?.leaving);
        return command.go();
      });
      await world.step();
      expect(marks.length).toBeGreaterThan(0);
      expect(marks.every((mark) => mark === true)).toBe(true);
    });

    it("keeps the messages as they are: when they were sent, by whom, and how long they are kept", async () => {
      const message = world.message("text", BEFORE_HEIR);
      await world.put(old, message);
      await world.step();
      expect((await world.items(heir)).messages).toEqual([message]);
    });

    it("hands over everything where the heir has missed something", async () => {
      await world.set(old, { ...heir, missed: true });
      await world.put(old, world.message("before", BEFORE_HEIR), world.message("late", 5));
      await world.step();
      expect(await world.texts(heir)).toEqual(["before", "late"]);
    });

    it("hands over everything to one that came earlier", async () => {
      await world.set({ ...device("oldest", 90), missed: true }, old);
      await world.put(old, world.message("late", 5));
      expect(idsIn(await world.step())).toEqual(["oldest"]);
      expect(await world.texts(device("oldest", 90))).toEqual(["late"]);
    });

    it("leaves a message alone that is there already", async () => {
      const message = world.message("text", BEFORE_HEIR);
      const retried = { ...message, sentAt: message.sentAt + 5, expiresAt: message.expiresAt + 5 };
      await world.put(heir, retried);
      await world.put(old, message);
      await world.step();
      expect((await world.items(heir)).messages).toEqual([retried]);
    });

    it("does not hand over what is past its retention, nor takes such a thing for a message that is there", async () => {
      const ended = { ...world.message("ended", BEFORE_HEIR), expiresAt: Math.floor(world.now / 1_000) };
      const message = world.message("text", BEFORE_HEIR);
      await world.put(old, ended, message);
      await world.put(heir, { ...message, content: "an earlier try", expiresAt: Math.floor(world.now / 1_000) });
      await world.step();
      expect(await world.texts(heir)).toEqual(["text"]);
    });

    it("hands over its first channel, whose key is the user's id, too", async () => {
      const first = { ...old, channel: undefined };
      await world.set(first, heir);
      await world.put(first, world.message("waits", BEFORE_HEIR));
      await world.step();
      expect(await world.texts(heir)).toEqual(["waits"]);
    });

    it("hands over own copies, but for those of what was sent from the heir itself", async () => {
      const to = { toId: randomUUID(), toName: "bob" };
      const from = (device: Device) => ({ ...to, sentFrom: channelKey(world.userId, device.channel) });
      const others = [
        { ...world.message("from another device", BEFORE_HEIR), ...from(device("phone", 80)) },
        { ...world.message("from the shared device", BEFORE_HEIR - 1), ...to },
      ];
      await world.put(old, ...others, { ...world.message("from the heir", 29 * MINUTE + 1), ...from(heir) });
      await world.step();
      expect((await world.items(heir)).messages).toEqual(others);
    });

    it("hands over a message with its whole envelope", async () => {
      const envelope = { type: "reaction", about: newMessageId(world.now), quiet: true } as const;
      const whole = { ...world.message("+", BEFORE_HEIR), ...envelope };
      await world.put(old, whole);
      await world.step();
      expect((await world.items(heir)).messages).toEqual([whole]);
    });

    it("hands over a message of a conversation of many, though it is no own copy", async () => {
      const ofGroup = { ...world.message("to all", BEFORE_HEIR), toId: "g-1", toName: "Friends" };
      await world.put(old, ofGroup);
      await world.step();
      expect((await world.items(heir)).messages).toEqual([ofGroup]);
    });

    it("hands over far more than one page", async () => {
      const many = Array.from({ length: 2 * LIMITS.devices.handOverMessages + 7 }, (_, n) =>
        world.message(`${n}`, BEFORE_HEIR + n),
      );
      await world.put(old, ...many);
      expect(idsIn(await world.step())).toEqual(["heir"]);
      expect(await world.texts(heir)).toEqual(many.map(({ content }) => content).toSorted());
    });
  });

  describe("of which something was handed out", () => {
    beforeEach(() => world.begin(old, heir));

    it("hands over the batch that was not acknowledged, flagged: its client may have processed it", async () => {
      await world.put(old, world.message("a", BEFORE_HEIR), world.message("b", BEFORE_HEIR - 1));
      expect(await world.receive(old)).toEqual(["a", "b"]);
      await world.put(old, world.message("c", BEFORE_HEIR - 2));
      await world.step();
      expect(await world.receive(heir)).toEqual(["a!", "b!", "c"]);
    });

    it("flags none that the heir has got by itself", async () => {
      const message = world.message("a", BEFORE_HEIR);
      await world.put(old, message);
      await world.put(heir, message);
      expect(await world.receive(old)).toEqual(["a"]);
      await world.step();
      expect(await world.receive(heir)).toEqual(["a"]);
    });

    it("does not hand over what was acknowledged, though its item is still there", async () => {
      const message = world.message("a", BEFORE_HEIR);
      await world.put(old, message);
      const { receipt } = await world.sync(old, "first");
      await world.sync(old, receipt);
      // Its sender repeats it, and puts it back.
      await world.put(old, message);
      await world.step();
      expect(await world.texts(heir)).toEqual([]);
    });

    it("hands over nothing by a second function that comes when the channel is closed", async () => {
      const [settled, out] = [world.message("settled", BEFORE_HEIR), world.message("out", BEFORE_HEIR - 1)];
      await world.put(old, settled);
      const { receipt } = await world.sync(old, "first");
      await world.put(old, out);
      await world.sync(old, receipt);
      // Its delete was lost.
      await world.put(old, settled);
      const read = await world.read();
      await world.step();
      expect(await world.texts(heir)).toEqual(["out"]);
      const closed = (await world.items(old)).head;
      await world.handOver.step(
        world.userId,
        { ...read, devices: [leavingTo(heir, "old", 60), heir] },
        Number.POSITIVE_INFINITY,
      );
      expect(await world.texts(heir)).toEqual(["out"]);
      expect((await world.items(old)).head).toHaveProperty("expiresAt", closed?.["expiresAt"]);
      expect(await world.receive(heir)).toEqual(["out!"]);
    });

    it("flags what the leaving channel may have forgotten that it handed out", async () => {
      const message = world.message("forgotten", BEFORE_HEIR + 999);
      await world.put(old, message);
      let { receipt } = await world.sync(old, "first");
      for (let round = 0; round <= LIMITS.settledKept; round++) {
        await world.put(old, world.message(`${round}`, BEFORE_HEIR - round));
        ({ receipt } = await world.sync(old, receipt));
      }
      await world.sync(old, receipt);
      await world.put(old, message, world.message("new", BEFORE_HEIR - 999));
      await world.step();
      expect(await world.receive(heir)).toEqual(["forgotten!", "new"]);
    });

    it("is not handed out again as new where the heir has settled it", async () => {
      const message = world.message("a", BEFORE_HEIR);
      await world.put(heir, message);
      const { receipt } = await world.sync(heir, "first");
      const { receipt: next } = await world.sync(heir, receipt);
      await world.put(old, message);
      await world.step();
      expect(await world.receive(heir, next)).toEqual([]);
    });
  });

  describe("while a sync of it is still under way that was permitted before", () => {
    beforeEach(() => world.begin(old, heir));

    /** The session ends, and the device is handed over, when the sync has been permitted and is about to write the head. */
    const syncMeanwhile = (ack: string | undefined) => {
      let asked = 0;
      return world.sync(old, ack, async () => {
        if (asked++ > 0) throw new InvalidToken("the session has ended");
        await world.step();
      });
    };

    it("hands nothing out any more: what waited comes to the heir alone", async () => {
      await world.put(old, world.message("a", BEFORE_HEIR));
      await expect(syncMeanwhile("first")).rejects.toThrow(InvalidToken);
      expect(await world.receive(heir)).toEqual(["a"]);
    });

    it("settles nothing any more where it shows no ack", async () => {
      await world.put(old, world.message("a", BEFORE_HEIR));
      await expect(syncMeanwhile(undefined)).rejects.toThrow(InvalidToken);
      expect(await world.receive(heir)).toEqual(["a"]);
    });

    it("acknowledges nothing any more: it comes to the heir flagged", async () => {
      await world.put(old, world.message("a", BEFORE_HEIR));
      const { receipt } = await world.sync(old, "first");
      await expect(syncMeanwhile(receipt)).rejects.toThrow(InvalidToken);
      expect(await world.receive(heir)).toEqual(["a!"]);
    });

    it("acknowledges nothing once the copy has begun, though the channel is not closed yet", async () => {
      await world.put(old, world.message("a", BEFORE_HEIR));
      const { receipt } = await world.sync(old, "first");
      const permitted = Promise.withResolvers<void>();
      const copied = Promise.withResolvers<void>();
      let asked = 0;
      const sync = world.sync(old, receipt, async () => {
        if (asked++ > 0) throw new InvalidToken("the session has ended");
        permitted.resolve();
        await copied.promise;
      });
      const isRefused = expect(sync).rejects.toThrow(InvalidToken);
      await permitted.promise;
      world.intercept(async (command) => {
        if (isPutOn("heir", command)) {
          copied.resolve();
          await isRefused;
        }
        return command.go();
      });
      await world.step();
      expect(await world.receive(heir)).toEqual(["a!"]);
    });

    it("or has written the head at the very moment: the copy knows of it", async () => {
      await world.put(old, world.message("a", BEFORE_HEIR));
      let isFirst = true;
      world.intercept(async (command) => {
        if (isHeadOf("old", command) && isFirst) {
          isFirst = false;
          await world.sync(old, "first");
        }
        return command.go();
      });
      await world.step();
      expect(await world.receive(heir)).toEqual(["a!"]);
    });

    it("is given up when the head changes each time", async () => {
      await world.put(old, world.message("a", BEFORE_HEIR));
      let fences = 0;
      world.intercept(async (command) => {
        // The heir is marked, then closed: only the fence is refused.
        if (!isHeadOf("old", command)) return command.go();
        fences++;
        await world.sync(old, `${fences}`);
        world.now += LIMITS.lease;
        return command.go();
      });
      await expect(world.step()).rejects.toThrow(Unavailable);
      expect(fences).toBe(LIMITS.syncAttempts);
    });
  });

  describe("whose heir has just come", () => {
    const young = device("young", 0.5);
    const untilOld = MINUTE / 2;
    beforeEach(() => world.begin(old, young));

    const wait = (): void => {
      world.now += untilOld;
    };

    it("stays, gets messages, and hands over what waits at once and again after the minute", async () => {
      await world.put(old, world.message("waits", BEFORE_HEIR));
      expect((await world.step()).devices).toMatchObject([
        { id: "old", ending: true, heir: young.came },
        { id: "young" },
      ]);
      expect((await world.read()).devices[0]?.leaving).toBeUndefined();
      expect(await world.receive(young)).toEqual(["waits"]);
      // A send that did not know of the heir.
      await world.put(old, world.message("late", 0));
      wait();
      expect(idsIn(await world.step())).toEqual(["young"]);
      expect(await world.texts(young)).toEqual(["late", "waits"]);
      expect(world.done).toEqual([
        "end old",
        "tell session of young",
        "tell session of young",
        "remove the name of old",
      ]);
    });

    it("costs a heir that syncs meanwhile one read of the map, once it has what waits", async () => {
      await world.put(old, world.message("waits", BEFORE_HEIR));
      await world.step();
      const map = await world.read();
      world.commands.splice(0);
      await world.handOverOf(false).step(world.userId, map, Number.POSITIVE_INFINITY);
      expect(world.commands).toEqual(["GetItem"]);
    });

    it("keeps what waits where the heir leaves again: the next login by name finds it", async () => {
      await world.put(old, world.message("waits", BEFORE_HEIR));
      await world.step();
      await world.receive(young);
      const { devices } = await world.read();
      await world.set(...devices.map((one) => (one.id === "young" ? { ...one, ending: true as const } : one)));
      await world.step();
      expect((await world.read()).devices).toEqual([dormant("old", 60, { last: "old" })]);
      expect(await world.receive(old)).toEqual(["waits"]);
    });
  });

  describe("when the time is over in the middle", () => {
    const pages = 3;
    const many = () =>
      Array.from({ length: pages * LIMITS.devices.handOverMessages }, (_, n) => world.message(`${n}`, BEFORE_HEIR + n));

    /** Each page takes a second, and so does all before the first one. */
    const slowly = (): void => {
      world.intercept(async (command) => {
        if (command.name === "Query" && command.input.Limit !== 1) world.now += 1_000;
        return command.go();
      });
    };

    it("goes on where it was, step by step", async () => {
      await world.begin(old, heir);
      const all = many();
      await world.put(old, ...all);
      slowly();
      const handed: (string | undefined)[] = [];
      let steps = 0;
      while ((await world.read()).devices.length === 2) {
        const left = await world.step(world.now + 1_000);
        expect(idsIn(left)).toEqual(idsIn(await world.read()));
        handed.push((await world.read()).devices[0]?.handed);
        steps++;
      }
      expect(steps).toBe(pages);
      expect(handed.slice(0, -1)).toEqual(handed.slice(0, -1).toSorted());
      expect(new Set(handed).size).toBe(pages);
      expect(await world.texts(heir)).toEqual(all.map(({ content }) => content).toSorted());
    });

    it("begins nothing after it", async () => {
      await world.begin(old, heir);
      const map = await world.read();
      world.commands.splice(0);
      expect(await world.handOver.step(world.userId, map, world.now)).toBe(map);
      expect([world.commands, world.done]).toEqual([[], []]);
    });
  });

  describe("where it is finished by several at once, or by one that dies", () => {
    const all = () => ["a", "b", "c", "d", "e"].map((text, at) => world.message(text, BEFORE_HEIR + at));

    it("comes to the same end", async () => {
      await world.begin(old, heir);
      await world.put(old, ...all());
      const maps = await Promise.all([world.step(), world.step(), world.step()]);
      expect(maps.map(idsIn)).toEqual([["heir"], ["heir"], ["heir"]]);
      expect(await world.texts(heir)).toEqual(["a", "b", "c", "d", "e"]);
      expect((await world.receive(heir)).toSorted()).toEqual(["a", "b", "c", "d", "e"]);
    });

    it("comes to the same end from wherever one died", async () => {
      await world.begin(old, heir);
      await world.put(old, ...all());
      let dies = 0;
      let done = 0;
      world.intercept(async ({ go }) => {
        if (done++ >= dies) throw Object.assign(new Error("it died"), { name: "ThrottlingException" });
        return go();
      });
      let deaths = 0;
      for (;;) {
        dies++;
        done = 0;
        try {
          await world.step();
          break;
        } catch (error) {
          if (!(error instanceof Unavailable)) throw error;
          deaths++;
        }
      }
      world.intercept();
      expect(deaths).toBeGreaterThan(5);
      expect(idsIn(await world.read())).toEqual(["heir"]);
      expect(await world.texts(heir)).toEqual(["a", "b", "c", "d", "e"]);
    });

    it("puts nothing back that the heir has settled, as new, though a slow one still copies", async () => {
      await world.begin(old, heir);
      await world.put(old, ...all());
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let isSlow = true;
      world.intercept(async (command) => {
        if (isSlow && isPutOn("heir", command)) await held;
        return command.go();
      });
      const slow = world.step();
      // Until it has read what waits, and is about to put it.
      while (!world.commands.includes("PutItem") || world.commands.filter((name) => name === "Query").length < 2)
        await new Promise((resolve) => setImmediate(resolve));
      isSlow = false;
      await world.step();
      const { receipt, messages } = await world.sync(heir, "first");
      expect(messages).toHaveLength(5);
      const { receipt: next } = await world.sync(heir, receipt);
      release();
      await slow;
      expect(await world.receive(heir, next)).toEqual([]);
    });
  });

  it("waits for one that is leaving, and then hands on what it got from that", async () => {
    const next = ending("next", 40);
    await world.begin(leavingTo(next, "oldest", 90), next, heir);
    const oldest: Device = leavingTo(next, "oldest", 90);
    await world.put(oldest, world.message("oldest's", 50 * MINUTE));
    await world.put(next, world.message("next's", 35 * MINUTE));
    expect(idsIn(await world.step())).toEqual(["heir"]);
    expect(await world.texts(heir)).toEqual(["next's", "oldest's"]);
    expect(world.done).toEqual([
      "remove the name of oldest",
      "end next",
      "tell session of heir",
      "remove the name of next",
    ]);
  });

  it("is left alone by a sync if its sessions may not have ended, and finished if they have", async () => {
    const finish = async () => world.handOverOf(false).step(world.userId, await world.read(), Number.POSITIVE_INFINITY);
    await world.begin(old, heir);
    const map = await world.read();
    expect(await finish()).toEqual(map);
    expect(await world.handOverOf(false).endSessions(world.userId, map, old)).toEqual(map);
    expect(await world.read()).toEqual(map);
    await world.set({ ...old, ended: true }, heir);
    expect(idsIn(await finish())).toEqual(["heir"]);
  });

  describe("of a user who is deleted meanwhile", () => {
    const removeUser = () => deleteRecord(engine.accounts, profileKey(world.userId));

    it("is left as it is, whatever it waits for", async () => {
      for (const devices of [
        [{ ...old, ended: true }, heir],
        [leavingTo(heir, "old", 60), heir],
      ] as const) {
        await world.begin(...devices);
        const map = await world.read();
        await removeUser();
        expect(await world.handOver.step(world.userId, map, Number.POSITIVE_INFINITY)).toBe(map);
        expect(await world.devices.read(world.userId)).toBeUndefined();
      }
    });

    it("has its sessions ended, and nothing noted", async () => {
      await world.begin(old, heir);
      const map = await world.read();
      await removeUser();
      expect(await world.handOver.endSessions(world.userId, map, old)).toBe(map);
      expect(world.done).toEqual(["end old"]);
      expect(await world.devices.read(world.userId)).toBeUndefined();
    });
  });

  it("waits for its heir's next sync where another one has begun to leave meanwhile", async () => {
    await world.begin(old, heir);
    const map = await world.read();
    const other = leavingTo(heir, "other", 50);
    await world.set(old, other, heir);
    const left = await world.handOver.step(world.userId, map, Number.POSITIVE_INFINITY);
    expect(left).toEqual(await world.read());
    expect(left.devices).toEqual([{ ...old, ended: true }, heir]);
    expect(world.done).toEqual(["end old", "tell session of heir", "remove the name of other"]);
    expect(idsIn(await world.step())).toEqual(["heir"]);
  });

  it("is never forgotten though its heir is: a defect is said, and nothing leaves", async () => {
    await world.begin(leavingTo(heir, "old", 60), device("young", 20));
    await expect(world.step()).rejects.toThrow("a device is leaving, and its heir has left");
    expect(idsIn(await world.read())).toEqual(["old", "young"]);
  });

  it("has what waits shared with another one, and stays", async () => {
    const [from, to] = [device("shared", 60), device("own", 30)];
    await world.begin(from, to);
    await world.put(from, world.message("waits", BEFORE_HEIR));
    await world.handOver.share(world.userId, from, to, Number.POSITIVE_INFINITY);
    expect([await world.texts(from), await world.texts(to)]).toEqual([["waits"], ["waits"]]);
  });

  describe("tells the session that finishes it", () => {
    it("before the map is changed, so that nobody has to find it by chance", async () => {
      await world.begin(old, heir);
      world.intercept(async ({ name, go }) => {
        if (name === "UpdateItem") throw Object.assign(new Error("it died"), { name: "ThrottlingException" });
        return go();
      });
      await expect(world.step()).rejects.toThrow(Unavailable);
      expect(world.done).toEqual(["end old", "tell session of heir"]);
      world.intercept();
      await world.step();
      expect(world.done.slice(2)).toEqual(["end old", "tell session of heir", "remove the name of old"]);
    });

    it("of another heir, where the first one has left meanwhile", async () => {
      await world.begin(old, heir, device("young", 20));
      let isFirst = true;
      world.intercept(async ({ name, go }) => {
        if (name === "UpdateItem" && isFirst) {
          isFirst = false;
          await world.set(old, device("young", 20));
        }
        return go();
      });
      await world.step();
      expect(world.done).toEqual([
        "end old",
        "tell session of heir",
        "tell session of young",
        "remove the name of old",
      ]);
    });

    it("and gives up where that is another one each time", async () => {
      await world.begin(old, heir);
      let turns = 0;
      world.intercept(async ({ name, input, go }) => {
        if (name === "GetItem" && input.TableName === engine.tables.accounts) {
          await world.set(old, { ...heir, session: `session ${++turns}` });
        }
        return go();
      });
      const map = await world.read();
      turns = 0;
      await expect(world.handOver.step(world.userId, map, Number.POSITIVE_INFINITY)).rejects.toThrow(Unavailable);
      expect(world.done.slice(1)).toEqual(
        Array.from({ length: LIMITS.devices.attempts }, (_, turn) => `tell session ${turn + 1}`),
      );
    });

    it("and nobody where nothing is left to do", async () => {
      await world.begin(device("oldest", 90), old);
      await world.step();
      expect(world.done).toEqual(["end old", "remove the name of old"]);
    });
  });

  describe("whose sessions are ended first", () => {
    it("can be finished by a sync from then on, and its heir knows", async () => {
      await world.begin(old, heir);
      const map = await world.handOver.endSessions(world.userId, await world.read(), old);
      expect(map).toEqual(await world.read());
      expect(map.devices).toEqual([{ ...old, ended: true }, heir]);
      expect(world.done).toEqual(["end old", "tell session of heir"]);
      expect(idsIn(await world.handOverOf(false).step(world.userId, map, Number.POSITIVE_INFINITY))).toEqual(["heir"]);
    });

    it("is not said to be so while one of them may live", async () => {
      await world.begin(old, heir);
      world.intercept(async ({ name, go }) => {
        if (name === "UpdateItem") throw Object.assign(new Error("it died"), { name: "ThrottlingException" });
        return go();
      });
      const map = await world.read();
      await expect(world.handOver.endSessions(world.userId, map, old)).rejects.toThrow(Unavailable);
      world.intercept();
      expect((await world.read()).devices).toEqual([old, heir]);
    });
  });

  it("is not mistaken for a shared one that came later, and has the same id", async () => {
    await world.begin(device("oldest", 90), shared(60, { ending: true, channel: "before" }), shared(5));
    expect((await world.step()).devices).toEqual([device("oldest", 90), shared(5)]);
    expect(world.done).toEqual(["end shared on before", "remove the name of shared"]);
  });
});
