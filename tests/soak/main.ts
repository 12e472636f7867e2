import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { engines } from "../support/engines.ts";
import { soak } from "./soak.ts";

const USAGE = "npm run soak -- --messages N --minutes M [--kills K] [--engine dynalite|dynoxide] [--seed S]";
/** One for each so many messages, if it is not said how many. */
const MESSAGES_PER_KILL = 2_000;
const MOST_SHOWN = 20;
const MINUTE = 60_000;
/** Half as long again as a lease. */
const LONGEST_SLEEP_MS = 45_000;

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "10000" },
    minutes: { type: "string", default: "30" },
    kills: { type: "string" },
    engine: { type: "string", default: "dynalite" },
    seed: { type: "string" },
  },
});
const messages = Number(values.messages);
const minutes = Number(values.minutes);
const kills = Number(values.kills ?? Math.ceil(messages / MESSAGES_PER_KILL));
const seed = Number(values.seed ?? randomInt(2 ** 31));
const isCount = (number: number): boolean => Number.isInteger(number) && number >= 0;
if (![messages, kills, seed].every(isCount) || !(minutes > 0) || !engines.some(({ name }) => name === values.engine)) {
  console.error(USAGE);
  process.exit(2);
}

console.log(
  `Soak: ${messages} messages in at most ${minutes} minutes, ${kills} kills, on ${values.engine}, seed ${seed}.`,
);
const started = performance.now();
const seconds = (): number => Math.round((performance.now() - started) / 1_000);
const { totals, violations } = await soak({
  engine: values.engine,
  seed,
  messages,
  time: minutes * MINUTE,
  kills,
  users: 20,
  lanes: 40,
  longestSleep: LONGEST_SLEEP_MS,
  onProgress: (line) => console.log(`${seconds()} s: ${line}`),
});
console.table(totals);
for (const violation of violations.slice(0, MOST_SHOWN)) console.error(violation);
console.log(
  violations.length === 0
    ? `Nothing lost, nothing twice, in ${seconds()} s. Seed ${seed}.`
    : `${violations.length} faults; the first ${MOST_SHOWN} are above. Seed ${seed}.`,
);
// Sockets that clients keep alive would hold the process for a while.
process.exit(violations.length === 0 ? 0 : 1);
