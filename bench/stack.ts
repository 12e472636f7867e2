import { Pool } from "undici";
import type { Recorder } from "../tests/support/capacity/recorder.ts";
import { newcomer } from "../tests/support/people.ts";
import { type Stack, startStack } from "../tests/support/stack.ts";
import { engineOf } from "../tests/support/stack-engine.ts";
import { UNLIMITED } from "./environment.ts";
import type { GoTalk } from "./gotalk.ts";
import { Lane, type Pace, pace, shareOf } from "./lanes.ts";
import { useOf } from "./process-tree.ts";
import { SHORT_MESSAGE } from "./short-message.ts";
import { median } from "./statistics.ts";

/** The local stack, as `npm start` runs it. A message is sent, and a sync takes it and settles the one before. */
export interface StackFigures {
  /** Of all its processes together when it has just answered for the first time; the smallest of the starts. */
  readonly megabytes: number;
  /** The same at the end of the load. */
  readonly megabytesUnderLoad: number;
  /** From its command to its first answer; median of the starts. */
  readonly bootSeconds: number;
  /** The processor time of such a start, of all its processes. */
  readonly bootProcessorSeconds: number;
  /** Through it, by {@link PAIRS} pairs at once; median of the rounds. */
  readonly messagesPerSecond: number;
  /** The same calls of the database, made of the same engine by as many at once without the functions and their API. */
  readonly enginePerSecond: number;
  /** Median of each round's first over its second, which are neighbours in time. */
  readonly share: number;
  /** Processor time of the stack for a message, in milliseconds. */
  readonly processorMs: number;
  /** The same for the bare calls: of the engine, and of this process, which makes them. */
  readonly engineProcessorMs: number;
  /**
   * Processor time of a message's bare calls over that of a message through the stack, this process's included on both sides.
   * A busy machine distorts it less than {@link StackFigures.share}.
   */
  readonly processorShare: number;
}

const PAIRS = 8;
/**
 * @param gotalk Is moved to the engine of the stack.
 * @param starts How often the stack is started.
 * @param warmUp Messages of each pair, on both sides, before anything is counted: code is compiled and connections are
 * opened then. Each thread of the stack compiles for itself, and this process for both sides: with few messages the time that
 * the stack takes to compile is counted, and that of the bare calls is not.
 * @param messages For each pair in each round.
 */
export async function measureStack(
  gotalk: GoTalk,
  recorder: Recorder,
  size: { readonly starts: number; readonly warmUp: number; readonly rounds: number; readonly messages: number },
): Promise<StackFigures> {
  const starts: { seconds: number; megabytes: number; processorSeconds: number }[] = [];
  for (let start = 0; start < size.starts; start++) {
    const startedAt = performance.now();
    const stack = await startStack({ env: UNLIMITED });
    const seconds = (performance.now() - startedAt) / 1_000;
    const { megabytes, processorMs } = useOf(stack.pid);
    starts.push({ seconds, megabytes, processorSeconds: processorMs / 1_000 });
    await stack.stop();
  }
  const stack = await startStack({ env: UNLIMITED });
  try {
    return {
      megabytes: Math.min(...starts.map(({ megabytes }) => megabytes)),
      bootSeconds: median(starts.map(({ seconds }) => seconds)),
      bootProcessorSeconds: median(starts.map(({ processorSeconds }) => processorSeconds)),
      ...(await measureLoad(stack, gotalk, recorder, size)),
      megabytesUnderLoad: useOf(stack.pid).megabytes,
    };
  } finally {
    await stack.stop();
  }
}

type LoadFigures = Omit<StackFigures, "megabytes" | "bootSeconds" | "bootProcessorSeconds" | "megabytesUnderLoad">;

async function measureLoad(
  stack: Stack,
  gotalk: GoTalk,
  recorder: Recorder,
  { warmUp, rounds, messages }: { readonly warmUp: number; readonly rounds: number; readonly messages: number },
): Promise<LoadFigures> {
  gotalk.moveTo(engineOf(stack.data));
  const sender = await gotalk.newAccount("stack.sender");
  const lanes = await Lane.several(gotalk, recorder, PAIRS, "stack");
  const pool = new Pool(stack.url, { connections: PAIRS });
  const pairs = await Promise.all(Array.from({ length: PAIRS }, () => openPair(stack.url, pool)));
  recorder.asksForUnits = false;
  const throughStack = (each: number): Promise<StackPace> =>
    stackPace(
      stack,
      PAIRS * each,
      pairs.map((converse) => () => converse(each)),
    );
  const bareCalls = async (each: number): Promise<StackPace> => {
    // What the functions ask of the engine for so many messages, which is not timed.
    for (const lane of lanes) await lane.converse(sender, each);
    return stackPace(
      stack,
      PAIRS * each,
      lanes.map((lane) => lane.catchUp()),
    );
  };
  await throughStack(warmUp);
  await bareCalls(warmUp);
  const through: StackPace[] = [];
  const bare: StackPace[] = [];
  for (let round = 0; round < rounds; round++) {
    through.push(await throughStack(messages));
    bare.push(await bareCalls(messages));
  }
  recorder.asksForUnits = true;
  await pool.close();
  const whole = ({ stackMs, processorMs }: StackPace): number => stackMs + processorMs;
  return {
    messagesPerSecond: median(through.map(({ perSecond }) => perSecond)),
    enginePerSecond: median(bare.map(({ perSecond }) => perSecond)),
    share: shareOf(through, bare),
    processorMs: median(through.map(({ stackMs }) => stackMs)),
    engineProcessorMs: median(bare.map(whole)),
    processorShare: median(bare.map(whole)) / median(through.map(whole)),
  };
}

interface StackPace extends Pace {
  /** Processor time of the stack for a message, in milliseconds. */
  readonly stackMs: number;
}

/** Runs each lane's work at once. */
async function stackPace(
  { pid }: Stack,
  messages: number,
  lanes: readonly (() => Promise<void>)[],
): Promise<StackPace> {
  const before = useOf(pid).processorMs;
  const own = await pace(messages, lanes);
  return { ...own, stackMs: (useOf(pid).processorMs - before) / messages };
}

/** A sender and a receiver, whose requests are made with as little as possible of this process's time. */
async function openPair(url: string, pool: Pool): Promise<(messages: number) => Promise<void>> {
  const [sender, receiver] = await Promise.all([newcomer(url), newcomer(url)]);
  const post = async (path: string, fields: object): Promise<Record<string, unknown>> => {
    const { statusCode, body } = await pool.request({
      method: "POST",
      path,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fields),
    });
    const text = await body.text();
    if (statusCode >= 300) throw new Error(`the stack answered ${statusCode}: ${text}`);
    return JSON.parse(text);
  };
  const { token, username } = sender.session;
  let ack: unknown;
  return async (messages) => {
    for (let message = 0; message < messages; message++) {
      await post("/send", { token, id: sender.id, username, sendToId: receiver.id, content: SHORT_MESSAGE });
      const taken = await post("/sync", { token: receiver.session.token, id: receiver.id, ack });
      ack = taken["receipt"];
    }
  };
}
