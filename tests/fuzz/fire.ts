import { setTimeout as sleep } from "node:timers/promises";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import fc from "fast-check";
import type { Answer, Api } from "../support/api.ts";
import { eventOf } from "./events.ts";
import { RIGHT_PARAMETER, type Target } from "./target.ts";
import type { World } from "./world.ts";

/** No answer may take longer, in milliseconds; the functions' own bound is well below. */
const HANG = 20_000;
/** The same where other processes keep the machine busy. */
export const HANG_OF_STACK = 120_000;

/** Enough for a target that gets only a part of the inputs to see several answers. */
const FEWEST = 40;

/** What a stack answers that a busy machine keeps from being in time. Nobody knows then whether the request was served. */
const BUSY: Target["answers"] = { 503: ["unavailable"] };

/** A stack was too busy to be asked what has to hold. */
export class Busy extends Error {}

/** How often each status was answered. */
export type Tally = Record<string, number>;

interface Options {
  readonly runs: number;
  readonly seed: number;
  /** Hands the event over, in whatever way. */
  deliver(event: APIGatewayProxyEventV2): Promise<Answer>;
  /** The API of a stack that may be too busy for a request. It repeats what it is asked. Undefined: nothing is. */
  readonly patient?: Api;
}

/**
 * Fires inputs at a route. Each answer is a success or one of the problems that the route may answer; what it accepts is
 * what arrives.
 *
 * @throws With the smallest input that breaks this, its seed and its path.
 */
export async function fire(target: Target, world: World, { runs, seed, deliver, patient }: Options): Promise<Tally> {
  const tally: Tally = {};
  const rights = target.rights(world);
  const property = fc.asyncProperty(target.inputs, async (given) => {
    const isRight = given.parameter === RIGHT_PARAMETER;
    const isSecondRight = given.second === RIGHT_PARAMETER;
    const input = {
      ...given,
      ...(isRight && { parameter: target.rightParameter?.(world) }),
      ...(isSecondRight && { second: target.rightSecond?.(world) }),
    };
    const event = eventOf(input, target.method, target.path(input), rights);
    const answer = await withoutHanging(deliver(event), patient && HANG_OF_STACK);
    try {
      if (patient && answer.status in BUSY && !(answer.status in target.answers)) {
        judge({ ...target, answers: BUSY }, event, answer);
        throw new Busy();
      }
      tally[answer.status] = (tally[answer.status] ?? 0) + 1;
      judge(target, event, answer);
      if (answer.status < 300) await target.accepted?.(world, event, answer);
    } catch (error) {
      if (!patient || !(error instanceof Busy)) throw error;
      await target.unsure?.(world, patient);
    }
  });
  await fc.assert(property, { numRuns: Math.max(FEWEST, Math.ceil(runs / (target.oneIn ?? 1))), seed });
  return tally;
}

/** A request's id, whoever made it. */
const REQUEST_ID = /^[\w.=-]{1,64}$/;

function judge({ answers }: Target, event: APIGatewayProxyEventV2, { status, headers, body, text }: Answer): void {
  const { "x-request-id": requestId = "" } = headers;
  const { "x-request-id": own = "" } = event.headers ?? {};
  if (!REQUEST_ID.test(requestId) || (REQUEST_ID.test(own) && own !== requestId))
    throw new Error(`answered as ${JSON.stringify(requestId)}`);
  const codes = answers[status];
  if (codes === undefined) throw new Error(`answered ${status}: ${text}`);
  if (status < 300) return;
  if (!codes.includes(String(body["code"]))) throw new Error(`answered ${status} with the code ${body["code"]}`);
  if (!headers["content-type"]?.startsWith("application/problem+json")) throw new Error("the problem has another type");
  if (body["status"] !== status || !body["detail"] || body["requestId"] !== requestId)
    throw new Error(`half a problem: ${text}`);
}

/** Fails when there is no answer after a long time. */
export async function withoutHanging<T>(answer: Promise<T>, milliseconds = HANG): Promise<T> {
  const timer = new AbortController();
  const hang = sleep(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Error("no answer");
  });
  hang.catch(() => {});
  try {
    return await Promise.race([answer, hang]);
  } finally {
    timer.abort();
  }
}
