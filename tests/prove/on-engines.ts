import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { useSeed } from "../support/seed.ts";
import { type EngineName, startProofEngine } from "./engines.ts";
import { type Proof, proofs } from "./proofs.ts";
import { repetition } from "./prove.ts";
import { addUp, type Tally } from "./tally.ts";

// Each fault that the code survives is logged, and they are many.
vi.hoisted(() => {
  process.env["POWERTOOLS_LOG_LEVEL"] = "SILENT";
});

const MINUTES = 60_000;

/** In few runs the rare cases may be missing. */
const MANY = 100;

export type Runs = Partial<Readonly<Record<EngineName, number>>>;

/**
 * Tests so many interleavings on each of these engines.
 *
 * @param often A machinery that comes to none of these would prove nothing.
 */
export const testOnEngines = (proof: Exclude<Proof, "channel">, often: readonly string[], runs: Runs): void =>
  describe.each(Object.entries(runs) as [EngineName, number][])(
    `${proof} on %s, in any order and with any fault`,
    (name, numRuns) => {
      const seed = useSeed();

      it(`lose nothing and hand out nothing twice, in ${numRuns} runs`, { timeout: 40 * MINUTES }, async () => {
        const engine = await startProofEngine(name);
        let total: Tally = {};
        const details = await proofs[proof](engine, { numRuns, seed }, (tally) => {
          total = addUp(total, tally);
        });
        await engine.stop();
        if (details.failed) {
          expect.fail(`${await fc.asyncDefaultReportMessage(details)}\n${repetition(proof, name, details)}`);
        }
        const expected = numRuns < MANY ? ["accepted", "deliveries"] : often;
        expect(expected.filter((what) => !total[what])).toEqual([]);
      });
    },
  );
