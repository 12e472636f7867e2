import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { useSeed } from "../../support/seed.ts";
import { type EngineName, startProofEngine } from "../engines.ts";
import { repetition } from "../prove.ts";
import { addUp, type Tally } from "../tally.ts";
import { proveDevices } from "./prove-devices.ts";

// Each fault that the code survives is logged, and they are many.
vi.hoisted(() => {
  process.env["POWERTOOLS_LOG_LEVEL"] = "SILENT";
});

const MINUTES = 60_000;

/** A machinery that comes to none of these would prove nothing. In few runs the rare ones may be missing. */
const MANY = 200;
const OFTEN = [
  "accepted",
  "deliveries",
  "handedOver",
  "ownCopies",
  "redelivered",
  "unavailable",
  "refused",
  "deserted",
];

/** Tests so many interleavings of users with several devices on each of these engines. */
export const testDevices = (runs: Partial<Readonly<Record<EngineName, number>>>): void =>
  describe.each(Object.entries(runs) as [EngineName, number][])(
    "devices on %s, in any order and with any fault",
    (name, numRuns) => {
      const seed = useSeed();

      it(`lose nothing and hand out nothing twice, in ${numRuns} runs`, { timeout: 10 * MINUTES }, async () => {
        const engine = await startProofEngine(name);
        let total: Tally = {};
        const details = await proveDevices(engine, { numRuns, seed }, (tally) => {
          total = addUp(total, tally);
        });
        await engine.stop();
        if (details.failed) {
          expect.fail(`${await fc.asyncDefaultReportMessage(details)}\n${repetition("devices", name, details)}`);
        }
        const expected = numRuns < MANY ? ["accepted", "deliveries"] : OFTEN;
        expect(expected.filter((what) => !total[what])).toEqual([]);
      });
    },
  );
