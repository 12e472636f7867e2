import type { APIGatewayProxyWebsocketEventV2 } from "aws-lambda";
import fc, { type Arbitrary } from "fast-check";
import { LIMITS } from "../../lib/contract/limits.ts";
import type { Connections } from "../../lib/live/connections.ts";
import type { LiveHandler } from "../../lib/live/live-events.ts";
import type { Management } from "../support/management.ts";
import { bodyOf, type Rights, write } from "./bodies.ts";
import { withoutHanging } from "./fire.ts";
import { type Field, fieldsOf } from "./values.ts";

interface Entry {
  readonly handler: LiveHandler;
  readonly connections: Connections;
  readonly management: Management;
  readonly rights: Rights;
}

/** How often each frame was answered or told. */
export type FrameTally = Record<string, number>;

/** The codes by which a frame may be refused. */
export const REFUSALS = new Set(["invalid_request", "invalid_token", "forbidden", "too_large"]);

const withType = (type: string, fields: Arbitrary<Field[]>): Arbitrary<Field[]> =>
  fields.map((others) => [...others, ["type", { kind: "text", text: type }]]);

/** What a client may say on a connection: proofs mostly, and now and then a ping, or that its user is typing. */
export const frames = bodyOf(
  fc.oneof(
    { weight: 6, arbitrary: fieldsOf(["token", "id"], []) },
    { weight: 1, arbitrary: withType("ping", fieldsOf(["token", "id"], [])) },
    { weight: 2, arbitrary: withType("typing", fieldsOf(["toId"], ["token", "id"])) },
  ),
).map((body) => ({ ...body, form: false }));

/** Whether a frame says that a user is typing, as a client may say it: it is not answered. */
export function isTyping(frame: Buffer): boolean {
  try {
    const { type, toId } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(frame));
    return type === "typing" && typeof toId === "string" && frame.length <= LIMITS.bodyBytes;
  } catch {
    return false;
  }
}

/**
 * Fires frames at the WebSocket's function, each on a connection of its own. It is answered by `ready`, and the connection
 * is held then; by `pong`; or refused by one of our errors, and closed and forgotten. What says that a user is typing is not
 * answered, and comes from a connection that is held, or from one that is not.
 *
 * @throws With the smallest frame that breaks this, its seed and its path.
 */
export async function fireFrames(
  { handler, connections, management, rights }: Entry,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<FrameTally> {
  const tally: FrameTally = {};
  let count = 0;
  const property = fc.asyncProperty(frames, fc.boolean(), async (frame, base64) => {
    const connectionId = `connection-${++count}=`;
    management.fates.set(connectionId, "there");
    const written = write(frame, rights);
    // As text, bytes that are no UTF-8 have become other characters.
    const isTypist = isTyping(base64 ? written : Buffer.from(written.toString()));
    const isProven = isTypist && base64;
    if (isProven) await handler(messageOf(connectionId, proofBy(rights), false));
    const answer = await withoutHanging(handler(messageOf(connectionId, written, base64)));
    const outcome = {
      answer,
      told: management.take(),
      isHeld: (await connections.holderOf(connectionId, true)) !== undefined,
    };
    management.fates.delete(connectionId);
    if (outcome.isHeld) await connections.remove(connectionId);
    const said = isTypist ? judgeTyping(outcome, isProven) : judge(outcome);
    tally[said] = (tally[said] ?? 0) + 1;
  });
  await fc.assert(property, { numRuns: runs, seed });
  return tally;
}

interface Outcome {
  readonly answer: Awaited<ReturnType<LiveHandler>>;
  /** The calls that managed the connection. */
  readonly told: ReturnType<Management["take"]>;
  readonly isHeld: boolean;
}

/** @returns What was said to the client. */
function judge({ answer, told, isHeld }: Outcome): string {
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
  if (answer.body === undefined) return judgeRefusal(told, isHeld);
  const isReady = answer.body === '{"type":"ready"}';
  if (!isReady && answer.body !== '{"type":"pong"}') throw new Error(`answered ${answer.body}`);
  if (isHeld !== isReady || told.length > 0) throw new Error(`answered ${answer.body}, held: ${isHeld}`);
  return isReady ? "ready" : "pong";
}

function judgeTyping({ answer, told, isHeld }: Outcome, isProven: boolean): string {
  if (answer.statusCode !== 200 || answer.body !== undefined) throw new Error(`answered ${JSON.stringify(answer)}`);
  if (told.length > 0 || isHeld !== isProven) throw new Error(`told ${JSON.stringify(told)}, held: ${isHeld}`);
  return isProven ? "typing" : "dropped";
}

const proofBy = ({ token, id }: Rights): Buffer => Buffer.from(JSON.stringify({ token: token?.(), id: id?.() }));

function judgeRefusal(told: Outcome["told"], isHeld: boolean): string {
  const calls = told.map(({ method }) => method).join();
  if (calls !== "POST,DELETE" || isHeld) throw new Error(`refused by ${calls}, held: ${isHeld}`);
  const { type, code } = JSON.parse(told[0]?.body ?? "{}");
  if (type !== "error" || !REFUSALS.has(code)) throw new Error(`refused by ${told[0]?.body}`);
  return code;
}

const messageOf = (connectionId: string, body: Buffer, isBase64Encoded: boolean): APIGatewayProxyWebsocketEventV2 =>
  ({
    requestContext: {
      connectionId,
      eventType: "MESSAGE",
      requestId: connectionId,
      connectedAt: 0,
      requestTimeEpoch: 0,
    },
    body: body.toString(isBase64Encoded ? "base64" : "utf8"),
    isBase64Encoded,
  }) as APIGatewayProxyWebsocketEventV2;
