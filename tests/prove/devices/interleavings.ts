import { type Runs, testOnEngines } from "../on-engines.ts";

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
export const testDevices = (runs: Runs): void => testOnEngines("devices", OFTEN, runs);
