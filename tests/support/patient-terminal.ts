import { realTiming, type Timing } from "../../lib/client/timing.ts";
import { preloading } from "./terminal-client.ts";

/** How long `gotalk` and the client library wait for what is optional: the last receipts, and a question for settings. */
const PATIENCE_MS = 3_000;

/** An environment in which `gotalk` waits longer for that. The timer keeps no process that has nothing else to do. */
export const PATIENT: NodeJS.ProcessEnv = preloading(`
  const wait = globalThis.setTimeout, within = AbortSignal.timeout, long = 120_000;
  const patient = (work, ms, ...more) => (ms === ${PATIENCE_MS} ? wait(work, long, ...more).unref() : wait(work, ms, ...more));
  globalThis.setTimeout = Object.assign(patient, wait);
  AbortSignal.timeout = (ms) => within.call(AbortSignal, ms === ${PATIENCE_MS} ? long : ms);
`);

/** The same for the client library. */
export const PATIENT_TIMING: Timing = {
  ...realTiming,
  sleep: (milliseconds, signal) => realTiming.sleep(milliseconds === PATIENCE_MS ? 120_000 : milliseconds, signal),
};
