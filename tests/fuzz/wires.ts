import fc from "fast-check";
import { expect } from "vitest";
import { MAX_MESSAGE } from "../../local/websocket-api.ts";
import { connect, type Wire } from "../support/wire.ts";
import { type Rights, write } from "./bodies.ts";
import { withoutHanging } from "./fire.ts";
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
    const wire = await connect(url);
    wire.say(asBytes ? new Uint8Array(written) : written.toString());
    const isAnswered = !isTyping(asBytes ? written : Buffer.from(written.toString()));
    const said = written.length > MAX_MESSAGE ? await cutOff(wire) : await judge(wire, isAnswered);
    tally[said] = (tally[said] ?? 0) + 1;
  });
  await fc.assert(property, { numRuns: runs, seed });
  return tally;
}

/** What is refused is closed, and what is not is answered again. */
async function judge(wire: Wire, isAnswered: boolean): Promise<string> {
  if (!isAnswered) wire.say({ type: "ping" });
  const { type, code } = await withoutHanging(wire.next());
  if (type === "error") {
    if (!REFUSALS.has(String(code))) throw new Error(`refused by ${code}`);
    await withoutHanging(wire.closed);
    return String(code);
  }
  if (type !== "ready" && type !== "pong") throw new Error(`answered ${type}`);
  wire.say({ type: "ping" });
  const next = await withoutHanging(wire.next());
  if (next["type"] !== "pong") throw new Error(`${type}, and then ${JSON.stringify(next)}`);
  await wire.close();
  return type;
}

/** What is longer than API Gateway takes reaches no function. */
async function cutOff(wire: Wire): Promise<string> {
  await withoutHanging(wire.closed);
  expect(wire.unheard).toEqual([]);
  return "cut off";
}
