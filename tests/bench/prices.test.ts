import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Count, Counts } from "../../bench/counts.ts";
import type { Overheads } from "../../bench/overhead.ts";
import { ASSUMED, add, cost, invocation, times } from "../../bench/price-list.ts";
import { liveDay, priceModel, pushUse, stores } from "../../bench/prices.ts";

const count = (roundTrips: number, writeUnits: number, readUnits: number, answerBytes = 300): Count => ({
  calls: 1,
  roundTrips,
  writeUnits,
  readUnits,
  engineWriteUnits: 0,
  engineReadUnits: 0,
  bytesSent: 0,
  bytesReceived: 0,
  answerBytes,
  metricsBytes: 100,
  renewals: { requests: 1, renewing: 0, writeUnits: 0, readUnits: 0 },
});
const nothing = count(0, 0, 0);
const counts: Counts = {
  send: count(2, 1, 4),
  emptySync: count(1, 0, 1.5),
  firstSync: nothing,
  lone: nothing,
  loneSync: count(4, 2, 2.5),
  loneWithoutAck: nothing,
  loneWithoutAckSync: nothing,
  sparse: nothing,
  sparseSync: count(3, 1, 2.5),
  settlingSync: count(4, 2, 2.5),
  batch100: nothing,
  batch100Sync: count(4, 105, 14, 23_800),
  batch100WithoutAck: nothing,
  devices: nothing,
  devicesSend: nothing,
};
const overhead = { handler: 1, calls: 1, ratio: 1, processor: 1, repetitions: 1 };
const overheads: Overheads = { send: overhead, sync: overhead, emptySync: overhead, batch100Sync: overhead };
const counted = { counts, messageBytes: 250 };
const model = priceModel(counted, overheads);

/**
 * Dollars for millions of requests with a line of metrics: 100 bytes of it, and 86 that Lambda and CloudWatch add. There is
 * no other line, no access log and no trace.
 */
const observed = (millions: number): number => millions * (186 / 1_000) * 0.5;

/*
 * The figures below were worked out by hand from the list prices. A function of 512 MB has 512 / 1,769 of a processor: 1 ms
 * on a whole one takes 3.455 ms there.
 */
describe("the price model", () => {
  it("prices a million pushes as the bill would, and docs/costs.md says so", () => {
    // push: ceil(9 x 1,769 / 256 + 5 + 120) = 188 ms of 0.25 GB; send: ceil(3 x 3.455) = 11 ms more of 0.5 GB; one invocation.
    const lambda = 0.2 + (188_000 * 0.25 + 11_000 * 0.5) * 0.0000133334;
    const metrics = ((86 + 120) / 1_000) * 0.5;
    const million = cost(times(1e6, pushUse()));
    expect(million).toBeCloseTo(lambda + 1.5 * 0.125 + 6 * 0.09 + metrics, 5);
    const text = readFileSync(new URL("../../docs/costs.md", import.meta.url), "utf8");
    expect(text).toContain(`A million pushes cost ${million.toFixed(2)} dollars`);
  });

  it("prices a million lone messages as the bill would", async () => {
    const { perMillionMessages } = await model;
    const [ours] = perMillionMessages;
    // Two requests.
    expect(ours?.loneParts.gateway).toBeCloseTo(2);
    // send: ceil(3.455 + 2 x 5) = 14 ms of 0.5 GB; sync: ceil(3.455 + 4 x 5) = 24 ms; two requests.
    expect(ours?.loneParts.lambda).toBeCloseTo(2 * 0.2 + 38_000 * 0.5 * 0.0000133334);
    // 3 write units and 6.5 read units.
    expect(ours?.loneParts.dynamoDb).toBeCloseTo(3 * 0.625 + 6.5 * 0.125);
    expect(ours?.loneParts.sqs).toBe(0);
    // Two answers of 300 + 200 bytes: 1 GB.
    expect(ours?.loneParts["logs and traces"]).toBeCloseTo(observed(2));
    expect(ours?.loneParts.CloudFront).toBeCloseTo(2 + 1 * 0.085);
    expect(ours?.lone).toBeCloseTo(2 + 0.653 + 2.6875 + observed(2) + 2.085, 2);
  });

  it("prices a month of asking each second", async () => {
    const { perUserMonth, syncsPerDay } = await model;
    expect(syncsPerDay.eachSecond).toEqual({ handingOut: 100, settling: 100, empty: 86_200 });
    // An empty one: 1 request, ceil(3.455 + 5) = 9 ms, 1.5 read units, logs and traces, 1 request of CloudFront and 500 bytes.
    const lambda = 0.2e-6 + 0.0045 * 0.0000133334;
    const empty = 1e-6 + lambda + 1.5 * 0.125e-6 + observed(1e-6) + 1e-6 + 500e-9 * 0.085;
    const { send, handOut, settle } = stores(counted, overheads)["goTalk"] ?? {};
    const others = 100 * cost(add(send ?? {}, handOut ?? {}, settle ?? {}));
    expect(perUserMonth[0]?.eachSecond).toBeCloseTo(30 * (86_200 * empty + others));
  });

  it("lets every message of a day arrive, however it is asked for", async () => {
    const { syncsPerDay } = await model;
    for (const { handingOut, settling } of Object.values(syncsPerDay)) {
      expect(handingOut).toBeGreaterThan(0);
      expect(handingOut).toBeLessThanOrEqual(100);
      expect(settling).toBeLessThanOrEqual(handingOut);
    }
    expect(syncsPerDay.woken.handingOut).toBe(100);
  });

  it("counts what an open WebSocket uses", () => {
    const idle = liveDay(0, overheads);
    expect(idle.webSocketMinute).toBe(1_440);
    const connections = 1_440 / 104.5;
    const pings = 86_400 / 310;
    expect(idle.webSocketMessage).toBeCloseTo(2 * connections + 2 * pings);
    expect(idle.lambdaRequest).toBeCloseTo(3 * connections + pings);
    expect(idle.writeUnit).toBeCloseTo(4 * connections);
    expect(idle.edgeRequest).toBeCloseTo(connections);
    const busy = liveDay(100, overheads);
    expect((busy.webSocketMessage ?? 0) - (idle.webSocketMessage ?? 0)).toBeCloseTo(100);
  });

  it("makes a function with less of a processor slower, and bills the millisecond begun", () => {
    expect(invocation("send", 0, 1.2).lambdaGbSecond).toBeCloseTo(0.001, 9);
    expect(invocation("accounts", 100, 0).lambdaGbSecond).toBeCloseTo((1_769 / 1_024) * 0.1, 9);
    expect(invocation("send", 2, ASSUMED.roundTripMs).lambdaGbSecond).toBeCloseTo(0.5 * 0.012, 9);
  });

  it("adds and multiplies", () => {
    expect(times(2, add({ readUnit: 1 }, { readUnit: 2, writeUnit: 1 }))).toEqual({ readUnit: 6, writeUnit: 2 });
  });
});
