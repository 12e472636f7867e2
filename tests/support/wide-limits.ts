import { LIMITS } from "../../lib/contract/limits.ts";

/**
 * Bounds within which a machine with nothing else to do answers, made wide: what a test counts and expects would be another
 * thing once a call was given up. In milliseconds.
 */
const WIDE = {
  requestTime: 60_000,
  sweepTime: 10_000,
  database: { connectTime: 10_000, attemptTime: 10_000 },
  devices: { handOverTime: 30_000, handOverBound: 60_000 },
  userLimit: { renewTime: 10_000 },
  /** A test in which a connection hangs takes so long. */
  live: { wakeTime: 3_000, firstWakeTime: 3_000, hangUpTime: 3_000, checkTime: 10_000 },
  /** A busy machine would tell nobody, or tell it twice. */
  gateway: { connectTime: 60_000, attemptTime: 60_000 },
  typing: { time: 60_000 },
  push: { handOverTime: 3_000 },
};

/** For all tests of the file, and before anything is made: some parts read their bounds when they are made. */
export function widenLimits(): void {
  const { database, devices, userLimit, live, gateway, typing, push, ...others } = WIDE;
  Object.assign(LIMITS, others);
  Object.assign(LIMITS.database, database);
  Object.assign(LIMITS.devices, devices);
  Object.assign(LIMITS.userLimit, userLimit);
  Object.assign(LIMITS.live, live);
  Object.assign(LIMITS.live.gateway, gateway);
  Object.assign(LIMITS.live.typing, typing);
  Object.assign(LIMITS.push, push);
}
