import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SyncAnswer } from "../../../lib/channel/decision.ts";
import { headToItem } from "../../../lib/channel/head.ts";
import { checkMessageIdTime } from "../../../lib/channel/message-id-time.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { epochSeconds } from "../../../lib/runtime/clock.ts";
import { lastPrefixAt, newMessageId, positionOf } from "../../../lib/runtime/ids.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { BOB, Channel, range } from "./delivery-channel.ts";

const FAR_FUTURE = "ffffffff-ffff-7fff-bfff-ffffffffffff";

// Older versions took any message id. One from the far future lifted the horizon above everything that came later.
describe.each(engines)("a channel with a message of the far future on $name", ({ start }) => {
  let engine: TestEngine;
  let channel: Channel;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    channel = new Channel(engine);
  });

  /** Sends a message with an id of the present. */
  const send = (content: string) => channel.send(0, { messageId: newMessageId(channel.now), content });

  /** As an older version did it, whatever the id says. */
  const store = (messageId: string, senderId = BOB) =>
    channel.messages.put(channel.receiverId, {
      position: positionOf(messageId, senderId),
      senderName: "eve",
      content: `${messageId} of ${senderId}`,
      sentAt: channel.now,
      expiresAt: epochSeconds(channel.now + LIMITS.retention),
    });

  /** As `POST /send` takes it: not a moment before the time in its id is near. */
  const resend = async (messageId: string): Promise<void> => {
    checkMessageIdTime(messageId, channel.now);
    await store(messageId);
  };

  /** So many messages of others, and the syncs that settle them: then the head has forgotten what came before. */
  const settleOthers = async (): Promise<void> => {
    for (const _ of range(1, LIMITS.settledKept + 5)) {
      channel.pass(1);
      await send("other");
    }
    await channel.sync();
    await channel.sync();
  };

  /** Writes the head as an older version left it. */
  const poison = async (): Promise<void> => {
    const head = { ...(await channel.head()), horizon: "ff".repeat(11), bounded: false };
    await engine.client.send(
      new PutItemCommand({ TableName: engine.tables.channels, Item: headToItem(channel.receiverId, head) }),
    );
  };

  /** What an answer holds: each content, and whether it is flagged. */
  const flags = ({ messages }: SyncAnswer) => messages.map(({ content, redelivered }) => [content, redelivered]);

  it.each([
    ["with ack", "a"],
    ["without ack", undefined],
  ])("whose stored horizon is above everything recovers within an hour, %s", async (_, ack) => {
    await send("before");
    await channel.sync();
    await poison();
    await send("flagged");
    const first = await channel.sync(ack);
    expect(flags(first)).toEqual([["flagged", true]]);
    // It is not raised again by the syncs that follow.
    const receipt = ack && first.receipt;
    channel.pass(LIMITS.horizonAhead);
    await send("still flagged");
    const second = await channel.sync(receipt);
    expect(flags(second)).toEqual([["still flagged", true]]);
    channel.pass(1);
    await send("as new");
    expect(flags(await channel.sync(ack && second.receipt))).toEqual([["as new", false]]);
  });

  it("recovers though its first head is written by the renewal of a lease", async () => {
    await send("out");
    await channel.sync("a");
    await poison();
    channel.pass(LIMITS.lease - 1);
    await channel.sync("a");
    expect((await channel.head()).horizon).toBe(lastPrefixAt(channel.now + LIMITS.horizonAhead));
  });

  it("flags such a message when it is handed out, and nothing that comes after it", async () => {
    await store(FAR_FUTURE);
    await send("1");
    const first = await channel.sync("a");
    expect(flags(first)).toEqual([
      ["1", false],
      [`${FAR_FUTURE} of ${BOB}`, true],
    ]);
    let { receipt } = first;
    // Until the head has forgotten both.
    for (const number of range(2, 3 + LIMITS.settledKept)) {
      channel.pass(1);
      await send(`${number}`);
      const answer = await channel.sync(receipt);
      expect(flags(answer)).toEqual([[`${number}`, false]]);
      receipt = answer.receipt;
    }
    expect((await channel.head()).settled).toHaveLength(LIMITS.settledKept);
    channel.pass(1);
    await send("last");
    expect(flags(await channel.sync(receipt))).toEqual([["last", false]]);
  });

  it("flags such a message when it comes back after it was forgotten", async () => {
    await store(FAR_FUTURE);
    await channel.sync();
    for (const number of range(1, LIMITS.settledKept)) await channel.send(number);
    await channel.sync();
    await store(FAR_FUTURE);
    expect(flags(await channel.sync())).toEqual([[`${FAR_FUTURE} of ${BOB}`, true]]);
  });

  const HOUR = 60 * 60_000;
  const NEARLY = 2 * HOUR - 9 * 60_000;

  it("flags such a message when it comes back once its time is near, and nothing else then", async () => {
    const messageId = newMessageId(channel.now + 2 * HOUR);
    await store(messageId);
    expect(flags(await channel.sync())).toEqual([[`${messageId} of ${BOB}`, true]]);
    await settleOthers();
    channel.pass(NEARLY);
    await resend(messageId);
    await send("as new");
    expect(flags(await channel.sync())).toEqual([
      ["as new", false],
      [`${messageId} of ${BOB}`, true],
    ]);
    // And for good, once its time has come and the head has forgotten it again.
    await settleOthers();
    channel.pass(HOUR);
    await send("as new");
    await channel.sync();
    await resend(messageId);
    expect(flags(await channel.sync())).toEqual([[`${messageId} of ${BOB}`, true]]);
  });

  it.each([
    ["before the clock was set back", 0, HOUR],
    ["after it", HOUR, 0],
  ])("flags one that a clock ahead had made, that comes again, and was forgotten %s", async (_, first, second) => {
    const setBack = () => channel.pass(-2 * HOUR);
    channel.pass(2 * HOUR);
    const messageId = newMessageId(channel.now);
    await resend(messageId);
    expect(flags(await channel.sync())).toEqual([[`${messageId} of ${BOB}`, false]]);
    if (first) setBack();
    await settleOthers();
    if (second) setBack();
    await send("other");
    await channel.sync();
    channel.pass(NEARLY);
    await resend(messageId);
    expect(flags(await channel.sync())).toContainEqual([`${messageId} of ${BOB}`, true]);
  });

  it("does not let go of more than such a message, when the batch that has it is past its retention", async () => {
    await store(FAR_FUTURE);
    await channel.sync("a");
    channel.pass(LIMITS.retention + 1_000);
    await send("as new");
    const first = await channel.sync("b");
    expect(flags(first)).toEqual([["as new", false]]);
    await send("as new, too");
    expect(flags(await channel.sync(first.receipt))).toEqual([["as new, too", false]]);
  });

  it("is not slowed down for good by many of them: the head forgets them once it has seen the end of the channel", async () => {
    const many = range(1, LIMITS.settledKept + 20).map(
      (number) => `ffffffff-ffff-7fff-bfff-${String(number).padStart(12, "0")}`,
    );
    for (const messageId of many) await store(messageId);
    await channel.sync();
    expect((await channel.head()).settled).toHaveLength(many.length);
    await send("1");
    await channel.sync();
    const { settled, horizon } = await channel.head();
    expect([settled.length, horizon]).toEqual([LIMITS.settledKept, ""]);
    await send("2");
    expect(flags(await channel.sync())).toEqual([["2", false]]);
  });
});
