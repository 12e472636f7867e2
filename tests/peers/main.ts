import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compare, type Row } from "./comparison.ts";
import { gotalk } from "./gotalk.ts";
import { PEERS } from "./peers.ts";
import { markdownTables, terminalTables } from "./report.ts";

/*
 * Runs goTalk beside other servers under the same faults, and counts what was lost, repeated and out of order.
 * The exit code is 1 if goTalk broke a promise, or could not be run; what others do is only shown.
 */

const NAMES = PEERS.map(({ name }) => name).join("|");
const USAGE = `npm run peers -- [--peer ${NAMES}]... [--messages N] [--kills K] [--seed S] [--json FILE] [--markdown FILE]`;

const { values } = parseArgs({
  options: {
    peer: { type: "string", multiple: true },
    messages: { type: "string", default: "300" },
    kills: { type: "string", default: "3" },
    seed: { type: "string" },
    json: { type: "string" },
    markdown: { type: "string" },
  },
});
const messages = Number(values.messages);
const kills = Number(values.kills);
const seed = Number(values.seed ?? randomInt(2 ** 31));
const chosen = PEERS.filter(({ name }) => values.peer?.includes(name) ?? true);
const isCount = (number: number): boolean => Number.isInteger(number) && number >= 0;
const isKnown = values.peer?.every((name) => PEERS.some((peer) => peer.name === name)) ?? true;
if (![messages, kills, seed].every(isCount) || messages <= kills || !isKnown) {
  console.error(USAGE);
  process.exit(2);
}

// An end by a signal is an exit, too: the servers are children that go with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

console.log(`${messages} messages and ${kills} faults in each run, seed ${seed}.`);
const started = performance.now();
const seconds = (): number => Math.round((performance.now() - started) / 1_000);
const rows: Row[] = [];
for (const peer of chosen) {
  const version = peer.version();
  if (version === undefined) {
    console.log(`${peer.name} is not installed here, and left out: apt-get install ${peer.packages.join(" ")}`);
    continue;
  }
  console.log(`${peer.name}: ${version}`);
  for (const way of peer.ways) {
    const row = await compare(peer, version, way, { messages, kills, seed }, (fault, trial) =>
      console.log(`${seconds()} s: ${way.name}, ${fault}: ${JSON.stringify(trial)}`),
    );
    if (row.failure !== undefined) console.error(`${way.name}: ${row.failure}`);
    rows.push(row);
  }
}

console.log(`\n${terminalTables(rows)}`);
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ messages, kills, seed, rows }, null, 2)}\n`);
}
if (values.markdown !== undefined) writeFileSync(values.markdown, markdownTables(rows));

const ours = rows.filter(({ peer }) => peer === gotalk.name);
const broken = ours.flatMap(({ way, broken: promises, failure }) =>
  [...promises, ...(failure === undefined ? [] : [failure])].map((what) => `${way}: ${what}`),
);
for (const line of broken) console.error(`A promise is broken. ${line}`);
if (ours.length > 0 && broken.length === 0) console.log(`goTalk held what it promises, in ${seconds()} s.`);
// Sockets that clients keep alive would hold the process for a while.
process.exit(broken.length === 0 ? 0 : 1);
