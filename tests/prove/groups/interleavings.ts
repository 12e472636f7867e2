import { type Runs, testOnEngines } from "../on-engines.ts";

const OFTEN = ["acceptedByGroups", "changes", "deliveries", "done", "ownCopies", "refused", "told", "unavailable"];

/** Tests so many interleavings of groups on each of these engines. */
export const testGroups = (runs: Runs): void => testOnEngines("groups", OFTEN, runs);
