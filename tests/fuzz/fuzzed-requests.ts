import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Api, type Call, httpApi } from "../support/api.ts";
import { useSeed } from "../support/seed.ts";
import { seedingOf } from "../support/seeding.ts";
import { printedBy, type SharedStack, unboundedStack } from "../support/shared/index.ts";
import type { Input } from "./events.ts";
import { Busy, fire } from "./fire.ts";
import { targets } from "./targets.ts";
import { fireOverWires } from "./wires.ts";
import { newWorld, rightsOf, type World } from "./world.ts";

/** Frames of a run, at least. */
const FEWEST_FRAMES = 150;

const MOST_ATTEMPTS = 50;

/** Content types that the local server lets through to the functions; it refuses others by itself. */
const KNOWN_TYPES = new Set(["text/plain", "APPLICATION/JSON", "application/json;charset=UTF-8"]);

/** Fires so many of the same inputs over HTTP. */
export const fuzzRequests = (runs: number): unknown =>
  describe(`${runs} fuzzed requests for each`, () => {
    const seed = useSeed();
    let stack: SharedStack;
    let api: Api;
    /** Repeats what a busy stack does not answer in time. */
    let patient: Api;
    let world: World;

    beforeAll(async () => {
      stack = await unboundedStack();
      api = httpApi(stack.url, seedingOf(stack.data));
      patient = Object.assign((call: Call) => repeated(() => api(call)), { seed: api.seed });
      const asking = async (call: Call): Promise<Answer> => {
        const answer = await api(call);
        if (answer.status === 503) throw new Busy();
        return answer;
      };
      world = { ...(await newWorld(patient)), api: Object.assign(asking, { seed: api.seed }) };
    });

    it.each(targets)("$name answers each, takes some and stores them exactly", async (target) => {
      const inputs = target.inputs.map(asSendable);
      const tally = await fire({ ...target, inputs }, world, { runs, seed, deliver, patient });
      expect(Object.keys(tally).length).toBeGreaterThan(1);
    });

    it("the WebSocket answers each frame, closes what it refuses, and goes on with the others", async () => {
      // An eighth of the frames has a wrong token: fewer frames than these may have none.
      const frames = Math.max(FEWEST_FRAMES, runs);
      const tally = await fireOverWires(stack.url, { rights: rightsOf(world, () => world.bob), runs: frames, seed });
      expect(Object.keys(tally)).toEqual(expect.arrayContaining(["ready", "invalid_request", "invalid_token"]));
    });

    it("left a stack that still works and printed nothing of its own", async () => {
      expect((await patient({ method: "GET", path: "/nothing" })).status).toBe(404);
      expect(await printedBy(stack)).not.toMatch(/error|warn/i);
    });

    const deliver = ({ rawPath, headers, body, isBase64Encoded, requestContext }: APIGatewayProxyEventV2) => {
      const { method } = requestContext.http;
      const { host: _, ...sent } = headers;
      return api({
        method,
        path: rawPath,
        headers: sent as Record<string, string>,
        body:
          method === "GET" || body === undefined ? undefined : Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
      });
    };
  });

async function repeated(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask();
    if (answer.status !== 503 || attempt === MOST_ATTEMPTS) return answer;
  }
}

/** An input as far as an HTTP client can send it. */
const asSendable = (input: Input): Input => ({
  ...input,
  oddity: "none",
  // Node's own bound of a request's head is 16 KB.
  parameter: input.parameter?.slice(0, 500),
  second: input.second?.slice(0, 500),
  type: input.type !== undefined && KNOWN_TYPES.has(input.type) ? input.type : undefined,
  authorization:
    input.authorization !== undefined && /^[\x20-\x7e]{0,2000}$/.test(input.authorization)
      ? input.authorization
      : undefined,
  others: Object.fromEntries(
    Object.entries(input.others).filter(([, value]) => /^[\t\x20-\x7e\x80-\xff]{0,2000}$/.test(value)),
  ),
});
