import {
  type AttributeValue,
  ConditionalCheckFailedException,
  GetItemCommand,
  InternalServerError,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { ChannelCloser } from "../../../lib/channel/channel-closer.ts";
import { ChannelStore } from "../../../lib/channel/channel-store.ts";
import { HEAD_POSITION, type Head, NO_HEAD, newWrite } from "../../../lib/channel/head.ts";
import type { StoredMessage } from "../../../lib/channel/stored-message.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { fingerprintOf, prefixOf } from "../../../lib/runtime/ids.ts";
import { sleep } from "../../../lib/runtime/sleep.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { ALICE, Channel, messageId, range, timeout } from "./delivery-channel.ts";

const message = (number: number, content = `text ${number}`): StoredMessage => ({
  position: `${messageId(number)}#${ALICE}`,
  senderName: "alice",
  content,
  sentAt: 1_800_000_000_000,
  expiresAt: 4_000_000_000,
});

const head = (): Head => ({ ...NO_HEAD, lineage: newWrite() });

describe.each(engines)("the channel store on $name", ({ start }) => {
  let engine: TestEngine;
  let channel: Channel;
  beforeAll(async () => {
    engine = await start("here");
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    channel = new Channel(engine);
  });

  const put = (...messages: StoredMessage[]) =>
    Promise.all(messages.map((one) => channel.messages.put(channel.receiverId, one)));

  const failWith = (error: Error): void =>
    channel.intercept(async () => {
      throw error;
    });

  it("puts a message once, and tells a retry from a reuse", async () => {
    expect(await put(message(1))).toEqual(["stored"]);
    const later = { ...message(1), sentAt: message(1).sentAt + 60_000 };
    expect(await put(later)).toEqual(["same"]);
    expect(await put(message(1, "other"))).toEqual(["differs"]);
    expect((await channel.store.read(channel.receiverId, 10)).messages).toEqual([message(1)]);
  });

  it("compares with what an engine returns, and reads it where the engine does not", async () => {
    const refusal = (Item?: Record<string, AttributeValue>) =>
      new ConditionalCheckFailedException({ message: "", $metadata: {}, ...(Item && { Item }) });
    await put(message(1));
    channel.intercept(({ name, go }) => {
      if (name === "PutItem") throw refusal();
      return go();
    });
    expect(await put(message(1))).toEqual(["same"]);
    expect(await put(message(1, "other"))).toEqual(["differs"]);
    channel.commands.length = 0;
    failWith(refusal({ content: { S: "text 1" }, sentAt: { N: "7" } }));
    expect(await put(message(1))).toEqual(["same"]);
    expect(channel.commands).toEqual(["PutItem"]);
  });

  it("takes what an earlier attempt of the same write has left for stored", async () => {
    await put(message(1));
    channel.intercept(async ({ name, go }) => {
      if (name !== "PutItem") return go();
      const error = (await go().catch((reason: unknown) => reason)) as ConditionalCheckFailedException;
      // As the database client says it, which repeats a write whose answer was lost.
      throw Object.assign(error, { $metadata: { ...error.$metadata, attempts: 2 } });
    });
    expect(await put(message(1))).toEqual(["stored"]);
    expect(await put({ ...message(1), sentAt: message(1).sentAt + 1 })).toEqual(["same"]);
    expect(await put(message(1, "other"))).toEqual(["differs"]);
  });

  it("knows what it has handed out, in the batch that is out and among the settled, by one cheap read", async () => {
    const known = async (...numbers: number[]) =>
      Promise.all(numbers.map((number) => channel.messages.memoryOf(channel.receiverId, message(number))));
    expect(await known(1)).toEqual(["new"]);
    await channel.sendAll([1, 2, 3]);
    const { receipt } = await channel.sync("a", 1);
    await channel.sync(receipt, 1);
    const inputs: Record<string, unknown>[] = [];
    channel.intercept(({ input, go }) => {
      inputs.push(input);
      return go();
    });
    expect(await known(1, 2, 3, 4)).toEqual(["handedOut", "handedOut", "new", "new"]);
    expect(inputs.map(({ Key, ConsistentRead = false }) => [Key, ConsistentRead])).toEqual(
      Array(4).fill([{ receiverId: { S: channel.receiverId }, position: { S: "#head" } }, false]),
    );
  });

  it("knows that it may have forgotten what it has handed out", async () => {
    const horizon = prefixOf(fingerprintOf(message(2).position));
    await channel.store.writeHead(channel.receiverId, undefined, { ...head(), horizon });
    const memories = [1, 2, 3].map((number) => channel.messages.memoryOf(channel.receiverId, message(number)));
    expect(await Promise.all(memories)).toEqual(["forgotten", "forgotten", "new"]);
  });

  it("takes a message that is gone a moment after it was in the way for the same", async () => {
    const inputs: Record<string, unknown>[] = [];
    channel.intercept(({ name, input, go }) => {
      inputs.push(input);
      if (name === "PutItem") throw new ConditionalCheckFailedException({ message: "", $metadata: {} });
      return go();
    });
    expect(await put(message(1))).toEqual(["same"]);
    // What was in the way is asked for with the write, and only then, consistently, by itself.
    expect(inputs).toMatchObject([{ ReturnValuesOnConditionCheckFailure: "ALL_OLD" }, { ConsistentRead: true }]);
  });

  it("puts a message in the place of one that is past its retention, to the second", async () => {
    const over = { ...message(1, "before"), expiresAt: 1_800_000_000 };
    await put(over);
    expect(await put({ ...message(1), sentAt: 1_799_999_999_999 })).toEqual(["differs"]);
    expect(await put(message(1))).toEqual(["stored"]);
    expect((await channel.store.read(channel.receiverId, 10)).messages).toEqual([message(1)]);
  });

  it("takes the time for that from the caller, where a message comes later than it was sent", async () => {
    const over = { ...message(1, "before"), expiresAt: 1_800_000_001 };
    await put(over);
    expect(await channel.messages.put(channel.receiverId, message(1), 1_800_000_000_999)).toBe("differs");
    expect(await channel.messages.put(channel.receiverId, message(1), 1_800_000_001_000)).toBe("stored");
  });

  it("takes no fault of a write for a message that is in the way, though a read would find none", async () => {
    const failPuts = (error: Error): void =>
      channel.intercept(({ name, go }) => (name === "PutItem" ? Promise.reject(error) : go()));
    failPuts(timeout());
    await expect(put(message(1))).rejects.toThrow(Unavailable);
    failPuts(new ResourceNotFoundException({ message: "", $metadata: {} }));
    await expect(put(message(1))).rejects.toThrow(ResourceNotFoundException);
  });

  it("reads no head where there are messages alone", async () => {
    await put(message(1));
    expect((await channel.store.read(channel.receiverId, 10)).head).toBeUndefined();
  });

  it("closes a channel: whoever has read its head cannot write, and the new one expires", async () => {
    const before = head();
    await channel.store.writeHead(channel.receiverId, undefined, before);
    await new ChannelCloser(engine.client, engine.tables.channels).close(channel.receiverId, 4_000_000_000);
    expect(await channel.store.writeHead(channel.receiverId, before, head())).toBe("refused");
    const { head: closed } = await channel.store.read(channel.receiverId, 10);
    expect(closed).toMatchObject({ ...NO_HEAD, lineage: expect.not.stringMatching(before.lineage) });
    const Key = { receiverId: { S: channel.receiverId }, position: { S: HEAD_POSITION } };
    const { Item } = await engine.client.send(new GetItemCommand({ TableName: engine.tables.channels, Key }));
    expect(Item?.["expiresAt"]).toEqual({ N: "4000000000" });
  });

  it("reads messages byte for byte as they were put", async () => {
    const odd = message(1, "a\u0000b\r\n<b>&amp;\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \ufeff\u202e\uffff");
    await put(odd);
    expect((await channel.store.read(channel.receiverId, 10)).messages).toEqual([odd]);
  });

  it("reads a channel that nobody has written to", async () => {
    expect(await channel.store.read(channel.receiverId, 10)).toEqual({ head: undefined, messages: [], complete: true });
  });

  it("reads the head and a page from the start, strongly consistent, in one call", async () => {
    await put(...range(1, 5).map((number) => message(number)));
    const made = head();
    await channel.store.writeHead(channel.receiverId, undefined, made);
    channel.commands.length = 0;
    let consistent: unknown;
    channel.intercept(({ input, go }) => {
      consistent = input["ConsistentRead"];
      return go();
    });
    const page = await channel.store.read(channel.receiverId, 3);
    expect(page).toEqual({ head: made, messages: [1, 2, 3].map((number) => message(number)), complete: false });
    expect([channel.commands, consistent]).toEqual([["Query"], true]);
    expect((await channel.store.read(channel.receiverId, 6)).complete).toBe(true);
  });

  it("reads on behind a message, without the head", async () => {
    await put(...range(1, 5).map((number) => message(number)));
    await channel.store.writeHead(channel.receiverId, undefined, head());
    const page = await channel.store.read(channel.receiverId, 1, message(2).position);
    expect(page).toEqual({ head: undefined, messages: [message(3), message(4)], complete: false });
    expect(await channel.store.read(channel.receiverId, 9, message(4).position)).toEqual({
      head: undefined,
      messages: [message(5)],
      complete: true,
    });
  });

  it("keeps the envelope of a message, and stores nothing of what it lacks", async () => {
    const envelopes = [{}, { type: "edit" }, { about: messageId(9) }, { quiet: true }] as const;
    const whole = { type: "own", about: messageId(9), quiet: true } as const;
    const all = [...envelopes, whole].map((envelope, at) => ({ ...message(at + 1), ...envelope }));
    await put(...all);
    expect((await channel.store.read(channel.receiverId, 10)).messages).toEqual(all);
    const names = (await channel.items()).map((item) => Object.keys(item).toSorted());
    const plain = ["content", "expiresAt", "position", "receiverId", "senderName", "sentAt"];
    expect(names).toEqual(
      all.map(({ type, about, quiet }) =>
        [...plain, ...(type ? ["type"] : []), ...(about ? ["about"] : []), ...(quiet ? ["quiet"] : [])].toSorted(),
      ),
    );
  });

  it("tells a retry with another envelope, and one of another conversation", async () => {
    const whole = { ...message(1), type: "reaction", about: messageId(9), quiet: true } as const;
    await put(whole);
    expect(await put(whole)).toEqual(["same"]);
    for (const change of [
      { type: "edit" },
      { type: undefined },
      { about: messageId(8) },
      { about: undefined },
      { quiet: undefined },
    ]) {
      expect(await put({ ...whole, ...change }), JSON.stringify(change)).toEqual(["differs"]);
    }
    expect(await put({ ...whole, toId: "g-1", toName: "Friends" })).toEqual(["elsewhere"]);
  });

  it("takes a text for the same whether it says so or not", async () => {
    await put(message(1), { ...message(2), type: "text" });
    expect(await put({ ...message(1), type: "text" }, message(2))).toEqual(["same", "same"]);
    expect(await put({ ...message(1), type: "file" }, { ...message(2), type: "file" })).toEqual(["differs", "differs"]);
  });

  it("keeps it with a message that it may have been handed out on another channel", async () => {
    const moved = { ...message(1), wasOut: true } as const;
    await put(moved, message(2));
    expect((await channel.store.read(channel.receiverId, 10)).messages).toEqual([moved, message(2)]);
  });

  it("counts the messages and not the head, and reads none of them", async () => {
    expect(await channel.messages.count(channel.receiverId, 10, 3)).toBe(0);
    await put(...range(1, 3).map((number) => message(number)));
    await channel.store.writeHead(channel.receiverId, undefined, head());
    let select: unknown;
    channel.intercept(({ input, go }) => {
      select = input["Select"];
      return go();
    });
    expect(await channel.messages.count(channel.receiverId, 10, 3)).toBe(3);
    expect(select).toBe("COUNT");
  });

  it("counts page by page, and no further than it has to", async () => {
    const key = { receiverId: { S: channel.receiverId }, position: { S: message(1).position } };
    const starts: unknown[] = [];
    const pages = [{ Count: 4, LastEvaluatedKey: key }, { LastEvaluatedKey: key }, { Count: 1 }];
    channel.intercept(async ({ input }) => {
      starts.push(input["ExclusiveStartKey"]);
      return pages[starts.length - 1];
    });
    expect(await channel.messages.count(channel.receiverId, 100, 3)).toBe(5);
    expect(starts).toStrictEqual([undefined, key, key]);
    starts.length = 0;
    expect(await channel.messages.count(channel.receiverId, 5, 3)).toBe(5);
    starts.length = 0;
    expect(await channel.messages.count(channel.receiverId, 4, 3)).toBe(4);
    expect(starts).toHaveLength(1);
    starts.length = 0;
    // What lies behind the last page is not looked at: it may be as much as there may be.
    expect(await channel.messages.count(channel.receiverId, 100, 2)).toBe(100);
    expect(starts).toHaveLength(2);
  });

  it("fetches those that exist, strongly consistent, 100 with each call", async () => {
    const numbers = range(1, 150);
    await put(...numbers.map((number) => message(number)));
    const calls: unknown[] = [];
    channel.intercept(({ input, go }) => {
      const [request] = Object.values(
        input["RequestItems"] as Record<string, { Keys: unknown[]; ConsistentRead: boolean }>,
      );
      calls.push([request?.Keys.length, request?.ConsistentRead]);
      return go();
    });
    const wanted = [...numbers, 900].map((number) => message(number).position);
    const found = await channel.store.fetch(channel.receiverId, wanted);
    expect(found.sort((one, other) => (one.position < other.position ? -1 : 1))).toEqual(
      numbers.map((n) => message(n)),
    );
    expect(calls).toEqual([
      [100, true],
      [51, true],
    ]);
  });

  it("deletes messages, whether or not they exist, 25 with each call, and nothing else", async () => {
    await put(...range(1, 31).map((number) => message(number)));
    await channel.store.writeHead(channel.receiverId, undefined, head());
    channel.commands.length = 0;
    await channel.store.delete(
      channel.receiverId,
      range(1, 30).map((number) => message(number).position),
    );
    await channel.store.delete(channel.receiverId, [message(1).position]);
    expect(channel.commands).toEqual(Array(3).fill("BatchWriteItem"));
    expect(await channel.left()).toEqual([31]);
    expect(await channel.headItem()).toBeDefined();
  });

  it("deletes those that are past their retention, to the second, and no others", async () => {
    const ending = (number: number, expiresAt: number): StoredMessage => ({ ...message(number), expiresAt });
    const messages = [ending(1, 1_800_000_000), ending(2, 1_800_000_001), ending(3, 1_700_000_000)];
    await put(...messages);
    const positions = [...messages, message(4)].map(({ position }) => position);
    await channel.store.deleteExpired(channel.receiverId, positions, 1_800_000_000_999);
    expect(await channel.left()).toEqual([2]);
  });

  it("lets the SDK call off what it deletes", async () => {
    const { signal } = new AbortController();
    const signals: unknown[] = [];
    channel.intercept(async ({ abortSignal }) => {
      signals.push(abortSignal);
      return {};
    });
    const { position } = message(1);
    for (const given of [signal, undefined]) {
      await channel.store.delete(channel.receiverId, [position], given);
      await channel.store.deleteExpired(channel.receiverId, [position], 0, given);
    }
    expect(signals).toEqual([signal, signal, undefined, undefined]);
    expect(signals[0]).toBe(signal);
  });

  it("stops deleting when that is called off", async () => {
    const calledOff = new AbortController();
    channel.intercept(async ({ input }) => {
      calledOff.abort();
      return { UnprocessedItems: input["RequestItems"] };
    });
    const { position } = message(1);
    await expect(channel.store.delete(channel.receiverId, [position], calledOff.signal)).rejects.toThrow("aborted");
    expect(channel.commands).toEqual(["BatchWriteItem"]);
  });

  it("ends a pause when that is called off", async () => {
    channel.intercept(async ({ input }) => ({ UnprocessedItems: input["RequestItems"] }));
    const { database } = channel;
    const store = new ChannelStore(database, engine.tables.channels, (_, signal) => sleep(60_000, signal));
    const { position } = message(1);
    await expect(store.delete(channel.receiverId, [position], AbortSignal.timeout(50))).rejects.toThrow("aborted");
  });

  it.each([
    ["fetch", "UnprocessedKeys"],
    ["delete", "UnprocessedItems"],
  ] as const)(
    "%s pauses before it asks again for what was left out, longer each time, and gives up",
    async (call, left) => {
      const random = vi.spyOn(Math, "random").mockReturnValue(0.5);
      onTestFinished(() => random.mockRestore());
      channel.intercept(async ({ input }) => ({ [left]: input["RequestItems"] }));
      await expect(channel.store[call](channel.receiverId, [message(1).position])).rejects.toThrow(Unavailable);
      expect(channel.commands).toHaveLength(LIMITS.database.batchRounds);
      expect(channel.pauses).toEqual([25, 50, 100, 200, 400]);
    },
  );

  it("asks for nothing when nothing is to be fetched or deleted", async () => {
    expect(await channel.store.fetch(channel.receiverId, [])).toEqual([]);
    await channel.store.delete(channel.receiverId, []);
    expect(channel.commands).toEqual([]);
  });

  it("makes a head only where none is, and replaces only the one that was read", async () => {
    const [first, second, third] = [head(), head(), head()];
    const write = (seen: Head | undefined, next: Head) => channel.store.writeHead(channel.receiverId, seen, next);
    expect(await write(undefined, first)).toBe("written");
    expect(await write(undefined, second)).toBe("refused");
    expect(await write(second, third)).toBe("refused");
    expect(await channel.head()).toEqual(first);
    expect(await write(first, second)).toBe("written");
    expect(await write(first, third)).toBe("refused");
    expect(await channel.head()).toEqual(second);
  });

  it("does not take a second attempt's refusal for an answer", async () => {
    failWith(new ConditionalCheckFailedException({ message: "", $metadata: { attempts: 2 } }));
    expect(await channel.store.writeHead(channel.receiverId, undefined, head())).toBe("unknown");
  });

  const calls: [string, () => Promise<unknown>][] = [
    ["put", () => put(message(1))],
    ["read", () => channel.store.read(channel.receiverId, 1)],
    ["count", () => channel.messages.count(channel.receiverId, 1, 3)],
    ["fetch", () => channel.store.fetch(channel.receiverId, [message(1).position])],
    ["writeHead", () => channel.store.writeHead(channel.receiverId, undefined, head())],
    ["delete", () => channel.store.delete(channel.receiverId, [message(1).position])],
    ["deleteExpired", () => channel.store.deleteExpired(channel.receiverId, [message(1).position], 0)],
  ];

  it.each(calls)("%s makes 503 of a fault that passes, and keeps its cause", async (_, call) => {
    for (const cause of [timeout(), new InternalServerError({ message: "", $metadata: { httpStatusCode: 500 } })]) {
      failWith(cause);
      const error = await call().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Unavailable);
      expect(error).toMatchObject({ status: 503, cause });
    }
  });

  it.each(calls)("%s lets any other error through", async (_, call) => {
    const error = new ResourceNotFoundException({ message: "no such table", $metadata: {} });
    failWith(error);
    await expect(call()).rejects.toBe(error);
  });
});
