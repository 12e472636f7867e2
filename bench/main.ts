import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { bundle, FUNCTIONS } from "../tests/support/bundles.ts";
import { Recorder } from "../tests/support/capacity/recorder.ts";
import { engines, startEngine } from "../tests/support/engines.ts";
import { drainChart, latencyChart } from "./charts.ts";
import { measureColdStarts } from "./cold-start.ts";
import { type Counted, count } from "./counts.ts";
import { drainEverywhere } from "./drain.ts";
import { type GoTalk, loadGoTalk } from "./gotalk.ts";
import { measureGroups } from "./groups.ts";
import { measureLatencies } from "./latency.ts";
import {
  isMet,
  type Measure,
  ofBundles,
  ofColdStarts,
  ofCounts,
  ofDrains,
  ofGroups,
  ofOpening,
  ofOverheads,
  ofPage,
  ofPicture,
  ofPrices,
  ofStack,
  ofThroughputs,
} from "./measures.ts";
import { measureOverheads, type Overheads } from "./overhead.ts";
import { measurePageLatency, reportPageLatency } from "./page-latency.ts";
import { measurePageOpening, reportPageOpening } from "./page-opening.ts";
import { measurePagePicture, reportPagePicture } from "./page-picture.ts";
import { priceModel } from "./prices.ts";
import * as report from "./report.ts";
import { measureStack } from "./stack.ts";
import { measureThroughput, type Throughput } from "./throughput.ts";

/*
 *   node bench/main.ts [--quick] [--json FILE] [--charts FOLDER] [--only PART,PART] [--engine NAME]
 *
 * Counts and times everything in one run; `--quick` with small numbers, which are enough for what is counted. The JSON
 * also holds what was found before a part failed. The exit code is 1 if a part failed or a count misses its bound; a time
 * that misses one is only shown, as it depends on what else the machine does.
 */

const PARTS = [
  "counts",
  "overheads",
  "groups",
  "coldStarts",
  "throughputs",
  "drains",
  "latencies",
  "prices",
  "bundles",
  "page",
  "opening",
  "stack",
] as const;
type Part = (typeof PARTS)[number];

const { values: options } = parseArgs({
  options: {
    json: { type: "string" },
    charts: { type: "string" },
    only: { type: "string", default: PARTS.join() },
    engine: { type: "string", default: "dynalite" },
    quick: { type: "boolean", default: false },
  },
});

const only = new Set(options.only.split(","));
const unknown = [...only].filter((name) => !(PARTS as readonly string[]).includes(name));
if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(", ")}, but ${PARTS.join(", ")}`);

const size = options.quick
  ? {
      counts: 5,
      groupMessages: 5,
      batches: 5,
      turns: 100,
      cold: 5,
      pairs: [1, 8],
      requests: 200,
      backlogs: [500, 2_000],
      latencies: 5,
      pageLatencies: 10,
      pageTurns: 10,
      pictures: 3,
      pageOpenings: 3,
      stack: { starts: 3, warmUp: 150, rounds: 5, messages: 20 },
    }
  : {
      counts: 50,
      groupMessages: 20,
      batches: 5,
      turns: 1_000,
      cold: 30,
      pairs: [1, 2, 4, 8, 16, 32, 64],
      requests: 256,
      backlogs: [1_000, 10_000, 100_000],
      latencies: 60,
      pageLatencies: 60,
      pageTurns: 40,
      pictures: 20,
      pageOpenings: 20,
      stack: { starts: 7, warmUp: 500, rounds: 9, messages: 50 },
    };

/** For the JSON. */
const found: Record<string, unknown> = {};
const measures: Measure[] = [];

try {
  if (wants("counts", "overheads", "groups", "coldStarts", "throughputs", "drains", "prices", "stack"))
    await measureFunctions();
  if (wants("bundles")) {
    const bytes = await keep("bundleBytes", measureBundles(), report.bundles);
    measures.push(...ofBundles(bytes));
  }
  if (wants("latencies")) {
    const latencies = await keep("latencies", measureLatencies(size.latencies), report.latencies);
    draw("latency", () => latencyChart(latencies));
  }
  if (wants("page")) {
    const measuring = measurePageLatency(size.pageLatencies, size.pageTurns);
    measures.push(...ofPage(await keep("page", measuring, reportPageLatency)));
    const pictures = await keep("picture", measurePagePicture(size.pictures), reportPagePicture);
    measures.push(...ofPicture(pictures));
  }
  if (wants("opening")) {
    const measuring = measurePageOpening(size.pageOpenings);
    measures.push(...ofOpening(await keep("opening", measuring, reportPageOpening)));
  }
} finally {
  found["measures"] = measures;
  report.measures(measures);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(found, null, 2)}\n`);
}
if (measures.some((measure) => measure.isCount && !isMet(measure))) process.exitCode = 1;

/** Everything that runs the functions in this process. */
async function measureFunctions(): Promise<void> {
  const engine = await startEngine(options.engine, "apart");
  const installed = engines.map(({ name }) => name).join(", ");
  console.log(`Engine: ${engine.name}, in memory and in a process of its own. Installed: ${installed}.\n`);
  try {
    const gotalk = await loadGoTalk(engine);
    const recorder = new Recorder(gotalk.database);
    const counted = wants("counts", "prices") ? await measureCounts(gotalk, recorder) : undefined;
    const overheads = wants("overheads", "prices") ? await measureHandlers(gotalk, recorder) : undefined;
    if (counted && overheads) Object.assign(found, report.keyFigures(counted.counts, overheads));
    if (wants("groups")) {
      const measuring = measureGroups(gotalk, recorder, size.groupMessages);
      measures.push(...ofGroups(await keep("groups", measuring, report.groups)));
    }
    if (wants("coldStarts")) {
      const coldStarts = await keep("coldStarts", measureColdStarts(gotalk, recorder, size.cold), report.coldStarts);
      measures.push(...ofColdStarts(coldStarts));
    }
    if (wants("throughputs")) {
      const throughputs = await keep("throughputs", measureThroughputs(gotalk, recorder), report.throughputs);
      measures.push(...ofThroughputs(throughputs));
    }
    if (wants("drains")) {
      const draining = drainEverywhere(gotalk, recorder, engine, size.backlogs);
      const drains = await keep("drains", draining, report.drains);
      measures.push(...ofDrains(drains));
      draw("drain", () => drainChart(drains));
    }
    if (wants("prices") && counted && overheads) {
      const prices = await keep("prices", priceModel(counted, overheads), report.prices);
      measures.push(...ofPrices(prices));
    }
    // Last of all, as it moves to another engine.
    if (wants("stack")) {
      measures.push(...ofStack(await keep("stack", measureStack(gotalk, recorder, size.stack), report.stack)));
    }
  } finally {
    await engine.stop();
  }
}

async function measureCounts(gotalk: GoTalk, recorder: Recorder): Promise<Counted> {
  const counted = await count(gotalk, recorder, size.counts, size.batches);
  await keep("counts", Promise.resolve(counted.counts), report.counts);
  measures.push(...ofCounts(counted.counts));
  return counted;
}

async function measureHandlers(gotalk: GoTalk, recorder: Recorder): Promise<Overheads> {
  const overheads = await keep("overheads", measureOverheads(gotalk, recorder, size.turns), report.overheads);
  measures.push(...ofOverheads(overheads));
  return overheads;
}

async function measureThroughputs(gotalk: GoTalk, recorder: Recorder): Promise<Throughput[]> {
  const measured: Throughput[] = [];
  for (const pairs of size.pairs) measured.push(await measureThroughput(gotalk, recorder, pairs, size.requests));
  return measured;
}

async function measureBundles(): Promise<Record<string, number>> {
  const sizes = FUNCTIONS.map(async (name) => [name, (await bundle(name)).bytes] as const);
  return Object.fromEntries(await Promise.all(sizes));
}

function wants(...parts: readonly Part[]): boolean {
  return parts.some((part) => only.has(part));
}

/** Waits for a part, prints it and puts it into the JSON. */
async function keep<T>(name: string, measuring: Promise<T>, print: (part: T) => void): Promise<T> {
  const part = await measuring;
  found[name] = part;
  print(part);
  return part;
}

function draw(name: string, chart: () => string): void {
  if (options.charts === undefined) return;
  mkdirSync(options.charts, { recursive: true });
  writeFileSync(`${options.charts}/${name}.svg`, chart());
}
