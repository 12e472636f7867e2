import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Counted, count } from "./counts.ts";
import { type BenchEngine, startEngine } from "./engine.ts";
import { loadGoTalk } from "./gotalk.ts";
import { isMet, ofCounts } from "./measures.ts";
import { Recorder } from "./recorder.ts";

const REPETITIONS = 1;
const BATCHES = 2;

describe("what the benchmark counts", () => {
  let engine: BenchEngine;
  let counted: Counted;
  beforeAll(async () => {
    engine = await startEngine("dynalite");
    const gotalk = await loadGoTalk(engine);
    counted = await count(gotalk, new Recorder(gotalk.database), REPETITIONS, BATCHES);
  });
  afterAll(() => engine.stop());

  it("keeps within its bounds", () => {
    expect(ofCounts(counted.counts).filter((measure) => !isMet(measure))).toEqual([]);
  });

  it("is what DynamoDB's rules make of the protocol", () => {
    const { lone, send, emptySync } = counted.counts;
    expect(send).toMatchObject({ roundTrips: 2, writeUnits: 1 });
    expect(lone).toMatchObject({ writeUnits: 3 });
    expect(emptySync).toMatchObject({ roundTrips: 1, writeUnits: 0, readUnits: 1.5 });
  });

  it("sees the metrics that each request prints", () => {
    expect(counted.counts.send.metricsBytes).toBeGreaterThan(0);
    expect(counted.counts.loneSync.metricsBytes).toBeGreaterThan(0);
    expect(counted.counts.emptySync.metricsBytes).toBe(0);
  });
});
