import type { ColdStarts } from "./cold-start.ts";
import type { Counts } from "./counts.ts";
import type { Drain } from "./drain.ts";
import type { Latencies } from "./latency.ts";
import type { Overheads } from "./overhead.ts";
import type { Prices } from "./prices.ts";
import { table } from "./table.ts";
import type { Throughput } from "./throughput.ts";

/** Everything that the benchmark finds. */
export interface Results {
  readonly counts: Counts;
  readonly overheads: Overheads;
  readonly coldStarts: ColdStarts;
  readonly throughputs: readonly Throughput[];
  readonly drains: readonly Drain[];
  readonly latencies: Latencies;
  readonly prices: Prices;
  readonly bundleBytes: { readonly send: number; readonly sync: number };
}

export function counts(counted: Counts): void {
  const head = ["", "calls", "round trips", "write units", "read units", "engine: write", "read", "bytes out", "in"];
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
  ]);
  print("What a request or a message costs, by DynamoDB's rules and by the engine's own account", head, rows);
}

export function overheads(measured: Overheads): void {
  const rows = Object.entries(measured).map(([name, { handler, calls, ratio, repetitions }]) => [
    name,
    handler,
    calls,
    ratio,
    repetitions,
  ]);
  print("A handler beside its bare SDK calls, median", ["", "ms", "bare ms", "ratio", "times"], rows);
}

export function coldStarts(measured: ColdStarts): void {
  const rows = Object.entries(measured).map(([name, { bundle, calls, ratio }]) => [name, bundle, calls, ratio]);
  print("The first answer of a fresh process, median", ["", "ms", "SDK alone, ms", "ratio"], rows);
}

export function throughputs(measured: readonly Throughput[]): void {
  const rows = measured.map((one) => [one.pairs, one.handlers, one.ceiling, one.ratio, one.processorRatio]);
  print("Senders and receivers at once", ["pairs", "requests/s", "bare calls", "ratio", "processor"], rows);
}

export function drains(measured: readonly Drain[]): void {
  const rows = measured.map((one) => [
    one.messages,
    one.writeUnitsPerMessage,
    one.readUnitsPerMessage,
    one.timePerMessage,
  ]);
  print("A backlog drained, its sends not included", ["messages", "write units each", "read units", "ms"], rows);
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

export function prices({ perMillionMessages, perUserMonth }: Prices): void {
  const million = perMillionMessages.map(({ store, lone, batch100 }) => [store, lone, batch100]);
  print("Dollars for a million messages, by AWS's list prices", ["", "one by one", "batches of 100"], million);
  const month = perUserMonth.map((price) => [price.store, price.eachSecond, price.adaptive, price.woken]);
  print("Dollars for a user online all month", ["", "each second", "adaptive", "woken by WebSocket"], month);
}

/** What is checked against a bound, under names that stay. */
export function keyFigures({ counts, overheads }: Pick<Results, "counts" | "overheads">) {
  return {
    writeUnits: { lone: counts.lone.writeUnits, batch100: counts.batch100.writeUnits },
    emptySync: { writeUnits: counts.emptySync.writeUnits, readUnits: counts.emptySync.readUnits },
    send: { writeUnits: counts.send.writeUnits, roundTrips: counts.send.roundTrips },
    overhead: { send: overheads.send.ratio, sync: overheads.sync.ratio },
  };
}

export function measures(results: Results): void {
  const { counts, overheads, coldStarts, throughputs, bundleBytes } = results;
  const most: [string, number, number][] = [
    ["write units, lone message", counts.lone.writeUnits, 3],
    ["write units per message, batches of 100", counts.batch100.writeUnits, 2.1],
    ["empty sync: write units", counts.emptySync.writeUnits, 0],
    ["empty sync: read units", counts.emptySync.readUnits, 1.5],
    ["send: write units", counts.send.writeUnits, 1],
    ["send: round trips", counts.send.roundTrips, 2],
    ["send: handler time / bare calls", overheads.send.ratio, 1.3],
    ["sync: handler time / bare calls", overheads.sync.ratio, 1.3],
    ["send: bundle, bytes", bundleBytes.send, 500_000],
    ["sync: bundle, bytes", bundleBytes.sync, 500_000],
    ["send: cold start / SDK alone", coldStarts.send.ratio, 1.25],
    ["sync: cold start / SDK alone", coldStarts.sync.ratio, 1.25],
    ["drain: units, largest / smallest", flatness(results, unitsOf), 1.1],
    ["drain: time, largest / smallest", flatness(results, ({ timePerMessage }) => timePerMessage), 1.3],
  ];
  const throughput = Math.min(...throughputs.map(({ ratio }) => ratio));
  print(
    "Measures",
    ["", "is", "must be", "", ""],
    [
      ...most.map(([name, is, bound]) => [name, is, "at most", bound, is <= bound ? "ok" : "MISSED"]),
      ["throughput / bare calls, worst", throughput, "at least", 0.75, throughput >= 0.75 ? "ok" : "MISSED"],
    ],
  );
}

const unitsOf = ({ writeUnitsPerMessage, readUnitsPerMessage }: Drain): number =>
  writeUnitsPerMessage + readUnitsPerMessage;

const flatness = ({ drains }: Results, of: (drain: Drain) => number): number => {
  const [first, last] = [drains[0], drains.at(-1)];
  return first && last ? of(last) / of(first) : Number.NaN;
};

function print(title: string, head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  console.log(table(title, head, rows));
}
