import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { engines, startEngine, type TestEngine } from "../support/engines.ts";
import { useSeed } from "../support/seed.ts";
import { prove, repetition } from "./prove.ts";
import { addUp, type Tally } from "./tally.ts";

// Each fault that the code survives is logged, and they are many.
vi.hoisted(() => {
  process.env["POWERTOOLS_LOG_LEVEL"] = "SILENT";
});

const MINUTES = 60_000;

/**
 * Tests so many interleavings on all engines together; where dynoxide is not installed, which is said then, dynalite takes
 * its share.
 */
export function testInterleavings(all: number): void {
  let total: Tally = {};

  describe.each(engines)("delivery on $name, in any order and with any fault", ({ name }) => {
    const runs = all / engines.length;
    const seed = useSeed();
    let engine: TestEngine;
    beforeAll(async () => {
      engine = await startEngine(name);
    });
    afterAll(() => engine.stop());

    it(`loses nothing and hands out nothing twice, in ${runs} runs`, { timeout: 40 * MINUTES }, async () => {
      const details = await prove(engine, { numRuns: runs, seed }, (tally) => {
        total = addUp(total, tally);
      });
      if (details.failed)
        expect.fail(`${await fc.asyncDefaultReportMessage(details)}\n${repetition("channel", name, details)}`);
    });
  });

  // A machinery that comes to none of these would prove nothing.
  it("the runs come to every kind of fault", ({ skip }) => {
    skip(total["runs"] !== all, "Not all runs were made.");
    expect(Object.entries(total).filter(([, times]) => times === 0)).toEqual([]);
  });
}
