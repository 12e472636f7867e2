import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { bundle } from "./bundles.ts";
import { drainChart, latencyChart } from "./charts.ts";
import { measureColdStarts } from "./cold-start.ts";
import { count } from "./counts.ts";
import { drain } from "./drain.ts";
import { startEngine } from "./engine.ts";
import { type GoTalk, loadGoTalk } from "./gotalk.ts";
import { measureLatencies } from "./latency.ts";
import { measureOverheads } from "./overhead.ts";
import { measurePageLatency, reportPageLatency } from "./page-latency.ts";
import { priceModel } from "./prices.ts";
import { Recorder } from "./recorder.ts";
import * as report from "./report.ts";
import { measureThroughput, type Throughput } from "./throughput.ts";

/*
 *   node tests/bench/main.ts [--quick] [--json FILE] [--charts FOLDER] [--only page]
 *
 * Counts and times everything in one run; `--quick` with small numbers, which are enough for what is counted. The JSON
 * also holds what was found before a part failed.
 */

const { values: options } = parseArgs({
  options: {
    json: { type: "string" },
    charts: { type: "string" },
    only: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});

if (options.only !== undefined && options.only !== "page") throw new Error("`--only` knows just one part: page");

const size = options.quick
  ? {
      counts: 5,
      turns: 100,
      cold: 5,
      pairs: [1, 8],
      requests: 200,
      backlogs: [500, 2_000],
      latencies: 5,
      pageLatencies: 10,
    }
  : {
      counts: 50,
      turns: 1_000,
      cold: 30,
      pairs: [1, 2, 4, 8, 16, 32, 64],
      requests: 400,
      backlogs: [1_000, 10_000, 100_000],
      latencies: 60,
      pageLatencies: 60,
    };

/** For the JSON. */
const found: Record<string, unknown> = {};

try {
  if (options.only === undefined) await measureServer();
  await keep("page", measurePageLatency(size.pageLatencies), reportPageLatency);
} finally {
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(found, null, 2)}\n`);
}

/** Everything but the page. */
async function measureServer(): Promise<void> {
  const engine = await startEngine();
  try {
    const gotalk = await loadGoTalk(engine);
    const recorder = new Recorder(gotalk.database);

    const counts = await keep("counts", count(gotalk, recorder, size.counts), report.counts);
    const overheads = await keep("overheads", measureOverheads(gotalk, recorder, size.turns), report.overheads);
    Object.assign(found, report.keyFigures({ counts, overheads }));
    const coldStarts = await keep("coldStarts", measureColdStarts(gotalk, recorder, size.cold), report.coldStarts);
    const throughputs = await keep("throughputs", measureThroughputs(gotalk, recorder), report.throughputs);
    const drains = await keep("drains", drain(gotalk, recorder, size.backlogs), report.drains);
    const latencies = await keep("latencies", measureLatencies(size.latencies), report.latencies);
    const prices = await keep("prices", priceModel(counts), report.prices);
    const bundleBytes = await keep("bundleBytes", measureBundles());

    const results = { counts, overheads, coldStarts, throughputs, drains, latencies, prices, bundleBytes };
    report.measures(results);
    if (options.charts !== undefined) {
      mkdirSync(options.charts, { recursive: true });
      writeFileSync(`${options.charts}/drain.svg`, drainChart(drains));
      writeFileSync(`${options.charts}/latency.svg`, latencyChart(latencies));
    }
  } finally {
    await engine.stop();
  }
}

/** Waits for a part, prints it and puts it into the JSON. */
async function keep<Part>(name: string, measuring: Promise<Part>, print?: (part: Part) => void): Promise<Part> {
  const part = await measuring;
  found[name] = part;
  print?.(part);
  return part;
}

async function measureThroughputs(gotalk: GoTalk, recorder: Recorder): Promise<Throughput[]> {
  const measured: Throughput[] = [];
  for (const pairs of size.pairs) measured.push(await measureThroughput(gotalk, recorder, pairs, size.requests));
  return measured;
}

async function measureBundles(): Promise<report.Results["bundleBytes"]> {
  return { send: (await bundle("send")).bytes, sync: (await bundle("sync")).bytes };
}
