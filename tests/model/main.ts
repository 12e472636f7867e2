import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import * as channel from "./channel-searches.ts";
import * as devices from "./devices-searches.ts";
import type { Search } from "./search.ts";
import { explore, missingTools, type Outcome } from "./spin.ts";

/*
 *   npm run model              the delivery protocol and a user's devices within small bounds, and each of their rules broken
 *   npm run model -- --full    both within larger bounds, one search after the other
 */

const USAGE = "npm run model [-- --full]";
/** As `EX_UNAVAILABLE` of sysexits.h: a program that is needed is not there. */
const NOT_INSTALLED = 69;

const { values } = parseArgs({ options: { full: { type: "boolean", default: false } }, strict: false });
if (Object.keys(values).some((name) => name !== "full")) {
  console.error(USAGE);
  process.exit(2);
}
const missing = missingTools();
if (missing.length > 0) {
  console.error(`The model needs ${missing.join(" and ")}. On Debian and Ubuntu: apt-get install ${missing.join(" ")}`);
  process.exit(NOT_INSTALLED);
}

/** What is wrong with an outcome; `undefined` if nothing is. */
function complaintOf({ fails, minutes }: Search, { error, isComplete }: Outcome): string | undefined {
  const mayEnd = isComplete || minutes !== undefined;
  if (fails === undefined && error === undefined) return mayEnd ? undefined : "it could not search everything";
  if (error === fails) return undefined;
  return fails === undefined ? `"${error}" does not hold` : `"${fails}" was to fail, and not ${error ?? "nothing"}`;
}

function resultOf({ fails }: Search, { isComplete }: Outcome): string {
  if (fails !== undefined) return `"${fails}" fails, as it must`;
  return isComplete ? "holds" : "holds as far as it was searched";
}

let failures = 0;

async function check(search: Search): Promise<void> {
  const outcome = await explore(search);
  const complaint = complaintOf(search, outcome);
  const states = outcome.states.toLocaleString("en");
  console.log(
    `${complaint ?? resultOf(search, outcome)}: ${search.name} (${states} states, ${outcome.seconds.toFixed(1)} s)`,
  );
  if (complaint === undefined) return;
  failures++;
  console.error(`  Settings: ${search.settings.join(" ")}\n${outcome.trail ?? ""}`);
}

/** In each model the longest first, so that no processor is left without work at the end. */
const models = [channel, devices];
const queue = models.flatMap(({ FULL, SMALL, BROKEN }) => (values["full"] ? FULL : [...SMALL, ...BROKEN])).values();
/** Each of the large searches takes gigabytes. */
const atOnce = values["full"] ? 1 : availableParallelism();

async function work(): Promise<void> {
  for (const search of queue) await check(search);
}

await Promise.all(Array.from({ length: atOnce }, work));
if (failures === 0)
  console.log(values["full"] ? "Both models hold." : "Both models hold, and need each of their rules.");
process.exitCode = failures === 0 ? 0 : 1;
