import fc from "fast-check";
import { expect } from "vitest";
import { LIMITS } from "../../lib/contract/limits.ts";
import { MAX_MESSAGE } from "../../local/websocket-api.ts";
import { heard } from "../support/heard.ts";
import { connect, type Wire } from "../support/wire.ts";
import { type Rights, write } from "./bodies.ts";
import { HANG_OF_STACK, withoutHanging } from "./fire.ts";
import { type FrameTally, frames, isTyping, REFUSALS } from "./frames.ts";

interface Options {
  readonly rights: Rights;
  readonly runs: number;
  readonly seed: number;
}

/**
 * Fires frames at `/live` of a stack, as text and as bytes, each on a connection of its own.
 *
 * @throws With the smallest frame that breaks what must hold, its seed and its path.
 */
export async function fireOverWires(url: string, { rights, runs, seed }: Options): Promise<FrameTally> {
  const tally: FrameTally = {};
  const property = fc.asyncProperty(frames, fc.boolean(), async (frame, asBytes) => {
    const written = write(frame, rights);
    const begun = performance.now();
    const wire = await connect(url);
    wire.say(asBytes ? new Uint8Array(written) : written.toString());
    const isAnswered = !isTyping(asBytes ? written : Buffer.from(written.toString()));
    const said = written.length > MAX_MESSAGE ? await cutOff(wire) : await judge(wire, isAnswered, begun);
    tally[said] = (tally[said] ?? 0) + 1;
  });
  await fc.assert(property, { numRuns: runs, seed });
  return tally;
}

/** What is refused is closed, and what is not is answered again. @param begun When the connection was, by `performance` */
async function judge(wire: Wire, isAnswered: boolean, begun: number): Promise<string> {
  if (!isAnswered) wire.say({ type: "ping" });
  const frame = await withoutHanging(heard(wire), HANG_OF_STACK);
  if (frame === undefined) return "closed";
  const { type, code } = frame;
  if (type === "error") {
    if (!REFUSALS.has(String(code))) throw new Error(`refused by ${code}`);
    await withoutHanging(wire.closed, HANG_OF_STACK);
    return String(code);
  }
  if (type !== "ready" && type !== "pong") throw new Error(`answered ${type}`);
  wire.say({ type: "ping" });
  const next = await withoutHanging(heard(wire), HANG_OF_STACK);
  // On a busy machine the time to prove itself may be over.
  const isOverdue = type === "pong" && performance.now() - begun > LIMITS.live.proofTime;
  const isRefused = next === undefined || next["code"] === "invalid_request";
  if (next?.["type"] !== "pong" && !(isOverdue && isRefused))
    throw new Error(`${type}, and then ${JSON.stringify(next)}`);
  await wire.close();
  return type;
}

/** What is longer than API Gateway takes reaches no function. */
async function cutOff(wire: Wire): Promise<string> {
  await withoutHanging(wire.closed, HANG_OF_STACK);
  expect(wire.unheard).toEqual([]);
  return "cut off";
}
