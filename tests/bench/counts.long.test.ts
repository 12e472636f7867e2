import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Counted, count } from "../../bench/counts.ts";
import { loadGoTalk } from "../../bench/gotalk.ts";
import { isMet, ofCounts, ofPrices } from "../../bench/measures.ts";
import { priceModel } from "../../bench/prices.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { Recorder } from "../support/capacity/recorder.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";

/** So many that the sender renews a lease in the conversation, and in that between two devices each. */
const REPETITIONS = 40;
const BATCHES = 2;

/** Milliseconds of a whole processor that a request takes: more than `npm run bench` measures of each. */
const PROCESSOR_MS = 3;

describe("what the benchmark counts", () => {
  let engine: TestEngine;
  let counted: Counted;
  beforeAll(async () => {
    engine = await startEngine("dynalite", "apart");
    const gotalk = await loadGoTalk(engine);
    counted = await count(gotalk, new Recorder(gotalk.database), REPETITIONS, BATCHES);
  });
  afterAll(() => engine.stop());

  it("keeps within its bounds", () => {
    expect(ofCounts(counted.counts).filter((measure) => !isMet(measure))).toEqual([]);
  });

  it("is what DynamoDB's rules make of the protocol", () => {
    const { lone, send, emptySync, devices, devicesSend } = counted.counts;
    expect(send).toMatchObject({ roundTrips: 2, writeUnits: 1, readUnits: 4.5 });
    // The connections of the sender's other devices are looked up as well.
    expect(devicesSend).toMatchObject({ roundTrips: 2, writeUnits: 3, readUnits: 5 });
    expect(devices).toMatchObject({ writeUnits: 9 });
    expect(lone).toMatchObject({ writeUnits: 3 });
    expect(emptySync).toMatchObject({ roundTrips: 1, writeUnits: 0, readUnits: 1.5 });
  });

  it("has the renewals of the sender's lease apart: one write beside the message, once in a lease", () => {
    const { send, devicesSend, batch100 } = counted.counts;
    const once = { requests: REPETITIONS, renewing: 1, writeUnits: 1, readUnits: 0 };
    expect([send.renewals, devicesSend.renewals]).toEqual([once, once]);
    const messages = 100 * BATCHES;
    const renewing = messages / LIMITS.send.lease;
    expect(batch100.renewals).toEqual({
      requests: messages + BATCHES + 1,
      renewing,
      writeUnits: renewing,
      readUnits: 0,
    });
  });

  it("comes to no more dollars than are asked for, with more processor time than is measured", async () => {
    const overhead = { handler: 0, calls: 0, ratio: 1, processor: PROCESSOR_MS, repetitions: 1 };
    const overheads = { send: overhead, sync: overhead, emptySync: overhead, batch100Sync: overhead };
    const measures = ofPrices(await priceModel(counted, overheads));
    expect(measures).toHaveLength(2);
    expect(measures.filter((measure) => !isMet(measure))).toEqual([]);
  });

  it("sees the metrics that each request prints", () => {
    expect(counted.counts.send.metricsBytes).toBeGreaterThan(0);
    expect(counted.counts.loneSync.metricsBytes).toBeGreaterThan(0);
    expect(counted.counts.emptySync.metricsBytes).toBe(0);
  });
});
