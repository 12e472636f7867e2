import { table } from "../tests/support/table.ts";
import type { ColdStarts } from "./cold-start.ts";
import type { Counts } from "./counts.ts";
import type { EngineDrains } from "./drain.ts";
import type { GroupFigures } from "./groups.ts";
import type { Latencies } from "./latency.ts";
import { isMet, type Measure } from "./measures.ts";
import type { Overheads } from "./overhead.ts";
import type { Prices } from "./prices.ts";
import type { StackFigures } from "./stack.ts";
import type { Throughput } from "./throughput.ts";

export function counts(counted: Counts): void {
  const head = [
    "",
    "calls",
    "round trips",
    "write units",
    "read units",
    "engine: write",
    "read",
    "bytes to the database",
    "from it",
    "to the client",
    "of metrics",
  ];
  const rows = Object.entries(counted).map(([name, count]) => [
    name,
    count.calls,
    count.roundTrips,
    count.writeUnits,
    count.readUnits,
    count.engineWriteUnits,
    count.engineReadUnits,
    count.bytesSent,
    count.bytesReceived,
    count.answerBytes,
    count.metricsBytes,
  ]);
  print("What a request or a message costs, by DynamoDB's rules and by the engine's own account", head, rows);
  const renewals = Object.entries(counted).map(([name, count]) => [
    name,
    count.renewals.requests,
    count.renewals.renewing,
    count.renewals.writeUnits,
    count.renewals.readUnits,
  ]);
  const renewalsHead = ["", "requests", "that renewed one", "write units in all", "read units in all"];
  print(
    "Renewals of the leases of senders and receivers, not counted above except as round trips",
    renewalsHead,
    renewals,
  );
}

export function overheads(measured: Overheads): void {
  const rows = Object.entries(measured).map(([name, { handler, calls, ratio, processor, repetitions }]) => [
    name,
    handler,
    calls,
    ratio,
    processor,
    repetitions,
  ]);
  const head = ["", "ms", "bare ms", "ratio", "processor ms", "times"];
  print("A handler beside its bare SDK calls, median", head, rows);
}

export function groups(measured: readonly GroupFigures[]): void {
  const head = [
    "members",
    "devices",
    "connected",
    "copies",
    "calls",
    "round trips",
    "write units",
    "read units",
    "ms",
    "processor ms",
    "ms on AWS",
    "dollars for 1,000",
  ];
  const rows = measured.map((one) => [
    one.members,
    one.devices,
    one.connected,
    one.copies,
    one.calls,
    one.roundTrips,
    one.writeUnits,
    one.readUnits,
    one.milliseconds,
    one.processor,
    one.awsMilliseconds,
    one.dollars,
  ]);
  print("A message to a group; the last two columns by a model", head, rows);
}

export function coldStarts(measured: ColdStarts): void {
  const rows = Object.entries(measured).map(([name, { bundle, calls, ratio }]) => [name, bundle, calls, ratio]);
  print("The first answer of a fresh process, median", ["", "ms", "SDK alone, ms", "ratio"], rows);
}

export function throughputs(measured: readonly Throughput[]): void {
  const rows = measured.map((one) => [one.pairs, one.handlers, one.ceiling, one.ratio, one.processorRatio]);
  const head = ["pairs", "requests/s", "bare calls", "ratio", "by processor time"];
  print("Senders and receivers at once", head, rows);
}

export function drains(measured: readonly EngineDrains[]): void {
  const rows = measured.flatMap(({ engine, drains: all }) =>
    all.map((one) => [
      engine,
      one.messages,
      one.writeUnitsPerMessage,
      one.readUnitsPerMessage,
      one.timePerMessage,
      one.engineTimePerMessage,
      one.processorPerMessage,
    ]),
  );
  const head = ["engine", "messages", "write units each", "read units", "ms", "waiting for the engine", "processor ms"];
  print("A backlog drained, its sends not included; for each message", head, rows);
}

export function latencies(measured: Latencies): void {
  const rows = Object.entries(measured).map(([name, one]) => [
    name,
    one.median,
    one.p99,
    one.syncsPerMessage,
    one.times.length,
  ]);
  print("From send to delivered, through the local stack", ["", "median ms", "p99", "syncs each", "messages"], rows);
}

export function stack(measured: StackFigures): void {
  print("The local stack", ["", ""], Object.entries(measured));
}

export function prices({ perMillionMessages, perUserMonth, syncsPerDay, assumed, leftOut }: Prices): void {
  const million = perMillionMessages.map(({ store, lone, batch100, loneParts }) => [
    store,
    dollars(lone),
    dollars(batch100),
    ...Object.values(loneParts).map(dollars),
  ]);
  const head = [
    "",
    "one by one",
    "batches of 100",
    "one by one: gateway",
    "Lambda",
    "DynamoDB",
    "SQS",
    "logs",
    "CloudFront",
  ];
  print("Dollars for a million messages, by AWS's list prices of September 2026 for us-east-1", head, million);
  const month = perUserMonth.map((price) => [
    price.store,
    dollars(price.eachSecond),
    dollars(price.adaptive),
    dollars(price.woken),
  ]);
  const { perDay, messages } = assumed.conversations;
  print(
    `Dollars for a month of a user who is always online and sends and gets ${perDay * messages} messages a day`,
    ["", "each second", "adaptive polling", "woken by WebSocket"],
    month,
  );
  const syncs = Object.entries(syncsPerDay).map(([name, { handingOut, settling, empty }]) => [
    name,
    handingOut,
    settling,
    empty,
  ]);
  print("The syncs of such a day", ["", "handing out", "settling", "empty"], syncs);
  console.log(`Left out:\n${leftOut.map((what) => `- ${what}`).join("\n")}\n`);
}

export function bundles(bytes: Readonly<Record<string, number>>): void {
  print("The bundles, minified", ["", "bytes"], Object.entries(bytes));
}

/** What is checked against a bound, under names that stay. */
export function keyFigures(counted: Counts, measured: Overheads) {
  return {
    writeUnits: { lone: counted.lone.writeUnits, batch100: counted.batch100.writeUnits },
    emptySync: { writeUnits: counted.emptySync.writeUnits, readUnits: counted.emptySync.readUnits },
    send: {
      writeUnits: counted.send.writeUnits,
      readUnits: counted.send.readUnits,
      roundTrips: counted.devicesSend.roundTrips,
    },
    devices: { writeUnits: counted.devices.writeUnits },
    renewals: { send: counted.send.renewals, devicesSend: counted.devicesSend.renewals },
    overhead: {
      send: measured.send.ratio,
      sync: measured.sync.ratio,
      emptySync: measured.emptySync.ratio,
      batch: measured.batch100Sync.ratio,
    },
  };
}

export function measures(all: readonly Measure[]): void {
  const rows = all.map((measure) => [
    measure.name,
    measure.isCount ? "count" : "time",
    measure.is,
    measure.mustBe,
    measure.bound,
    isMet(measure) ? "ok" : "MISSED",
  ]);
  print("Measures", ["", "", "is", "must be", "", ""], rows);
}

const dollars = (amount: number): string => amount.toFixed(amount < 1 ? 3 : 2);

function print(title: string, head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  console.log(table(title, head, rows));
}
