import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { bundle } from "./bundles.ts";
import { drainChart, latencyChart } from "./charts.ts";
import { measureColdStarts } from "./cold-start.ts";
import { count } from "./counts.ts";
import { drain } from "./drain.ts";
import { startEngine } from "./engine.ts";
import { loadGoTalk } from "./gotalk.ts";
import { measureLatencies } from "./latency.ts";
import { measureOverheads } from "./overhead.ts";
import { priceModel } from "./prices.ts";
import { Recorder } from "./recorder.ts";
import * as report from "./report.ts";
import { measureThroughput, type Throughput } from "./throughput.ts";

/*
 *   node tests/bench/main.ts [--quick] [--json FILE] [--charts FOLDER]
 *
 * Counts and times everything in one run; `--quick` with small numbers, which are enough for what is counted.
 */

const { values: options } = parseArgs({
  options: {
    json: { type: "string" },
    charts: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});

const size = options.quick
  ? { counts: 5, turns: 100, cold: 5, pairs: [1, 8], requests: 200, backlogs: [500, 2_000], latencies: 5 }
  : {
      counts: 50,
      turns: 1_000,
      cold: 30,
      pairs: [1, 2, 4, 8, 16, 32, 64],
      requests: 400,
      backlogs: [1_000, 10_000, 100_000],
      latencies: 60,
    };

const engine = await startEngine();
try {
  const gotalk = await loadGoTalk(engine);
  const recorder = new Recorder(gotalk.database);

  const counts = await count(gotalk, recorder, size.counts);
  report.counts(counts);
  const overheads = await measureOverheads(gotalk, recorder, size.turns);
  report.overheads(overheads);
  const coldStarts = await measureColdStarts(gotalk, recorder, size.cold);
  report.coldStarts(coldStarts);
  const throughputs: Throughput[] = [];
  for (const pairs of size.pairs) throughputs.push(await measureThroughput(gotalk, recorder, pairs, size.requests));
  report.throughputs(throughputs);
  const drains = await drain(gotalk, recorder, size.backlogs);
  report.drains(drains);
  const latencies = await measureLatencies(size.latencies);
  report.latencies(latencies);
  const prices = await priceModel(counts);
  report.prices(prices);
  const bundleBytes = { send: (await bundle("send")).bytes, sync: (await bundle("sync")).bytes };

  const results = { counts, overheads, coldStarts, throughputs, drains, latencies, prices, bundleBytes };
  report.measures(results);
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ ...report.keyFigures(results), ...results }, null, 2)}\n`);
  }
  if (options.charts !== undefined) {
    mkdirSync(options.charts, { recursive: true });
    writeFileSync(`${options.charts}/drain.svg`, drainChart(drains));
    writeFileSync(`${options.charts}/latency.svg`, latencyChart(latencies));
  }
} finally {
  await engine.stop();
}
