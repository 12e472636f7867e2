import { randomUUID } from "node:crypto";
import type { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ChannelStore } from "../../../lib/channel/channel-store.ts";
import { NO_HEAD, newWrite } from "../../../lib/channel/head.ts";
import { Memories } from "../../../lib/channel/memories.ts";
import type { Database } from "../../../lib/database/database.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { ALICE, messageId } from "./delivery-channel.ts";

const position = (number: number) => `${messageId(number)}#${ALICE}` as const;
const asked = { position: position(1), sentAt: 1_800_000_000_000 };

describe.each(engines)("what many channels remember of a message, on $name", ({ start }) => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await start("here");
  });
  afterAll(() => engine.stop());

  /** A channel whose last batch was of these messages. */
  async function channelWith(...numbers: number[]): Promise<string> {
    const channel = randomUUID();
    const store = new ChannelStore(engine.client, engine.tables.channels);
    const outstanding = numbers.map(position);
    await store.writeHead(channel, undefined, { ...NO_HEAD, outstanding, lineage: newWrite() });
    return channel;
  }

  function memories() {
    const calls: unknown[] = [];
    const send = (command: BatchGetItemCommand) => {
      const [selection] = Object.values(command.input.RequestItems ?? {});
      calls.push([selection?.Keys?.length, selection?.ConsistentRead]);
      return engine.client.send(command);
    };
    return { calls, memories: new Memories({ send } as unknown as Database, engine.tables.channels) };
  }

  it("is read by one cheap call for each 100 of them, before anybody asks", async () => {
    const [out, other, never] = [await channelWith(1, 2), await channelWith(2), randomUUID()];
    const { calls, memories: read } = memories();
    const further = Array.from({ length: 98 }, () => randomUUID());
    const known = read.readAhead([out, other, ...further, never]);
    await new Promise(setImmediate);
    expect(calls).toEqual([
      [100, false],
      [1, false],
    ]);
    const found = await Promise.all([out, other, never].map((channel) => known.memoryOf(channel, asked)));
    expect(found).toEqual(["handedOut", "new", "new"]);
    expect(calls).toHaveLength(2);
  });

  it("takes no call where nobody may ask", () => {
    const { calls, memories: read } = memories();
    read.readAhead([]);
    expect(calls).toEqual([]);
  });

  it("fails for those who ask where it cannot be read, and for nobody else", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    try {
      const send = async () => Promise.reject(new Error("out of reach"));
      const known = new Memories({ send } as unknown as Database, engine.tables.channels).readAhead([randomUUID()]);
      await new Promise(setImmediate);
      await expect(known.memoryOf(randomUUID(), asked)).rejects.toThrow("out of reach");
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off("unhandledRejection", unhandled);
    }
  });
});
