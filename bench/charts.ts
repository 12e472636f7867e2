import { svg } from "./chart.ts";
import type { Drain, EngineDrains } from "./drain.ts";
import type { Latencies } from "./latency.ts";
import { quantile } from "./statistics.ts";

/** Of a line. */
const POINTS = 40;

/** Time of a sync against what is drained already, each backlog at its own length; medians of neighbouring syncs. */
export function drainChart(measured: readonly EngineDrains[]): string {
  return svg({
    title: "A backlog drained by one client, 100 messages a sync",
    subtitle:
      "Time of a sync while the backlog is drained, median of neighbouring ones, by the database engine behind it.",
    panels: measured.map(({ engine, drains }) => {
      const series = drains.map((drain) => ({ name: `${format(drain.messages)} messages`, points: courseOf(drain) }));
      const highest = Math.max(...series.flatMap(({ points }) => points.map(([, time]) => time)));
      return {
        title: engine,
        x: { label: "part of the backlog drained, %", domain: [0, 100] },
        y: { label: "ms a sync", domain: [0, 1.15 * highest] },
        series,
      };
    }),
  });
}

/** Which part of the messages had arrived after so many milliseconds. */
export function latencyChart({ woken, adaptive, eachSecond }: Latencies): string {
  const series = [
    { name: "woken", latency: woken },
    { name: "adaptive polling", latency: adaptive },
    { name: "polled each second", latency: eachSecond },
  ];
  const ticks = ticksAround(series.flatMap(({ latency }) => latency.times));
  return svg({
    title: "From send to delivered, through the whole local stack",
    subtitle: `Part of the messages that have arrived after a time; the dots are the medians. ${woken.times.length} messages of each kind.`,
    panels: [
      {
        x: {
          label: "milliseconds since the call of send (logarithmic)",
          domain: [ticks[0] ?? 1, ticks.at(-1) ?? 1_000],
          isLogarithmic: true,
          ticks,
        },
        y: { label: "% delivered", domain: [0, 100], ticks: [0, 25, 50, 75, 100] },
        series: series.map(({ name, latency }) => ({
          name: `${name}: ${format(Math.round(latency.median))} ms`,
          points: cumulative(latency.times),
          mark: [latency.median, 50] as const,
        })),
      },
    ],
  });
}

function courseOf({ syncTimes }: Drain): (readonly [number, number])[] {
  // The last one finds nothing more.
  const full = syncTimes.slice(0, -1);
  const width = Math.max(1, Math.ceil(full.length / POINTS));
  return Array.from({ length: Math.ceil(full.length / width) }, (_, index) => {
    const part = full.slice(index * width, (index + 1) * width);
    return [(100 * (index * width + part.length / 2)) / full.length, quantile(part, 0.5)] as const;
  });
}

const cumulative = (times: readonly number[]): (readonly [number, number])[] =>
  times.toSorted((one, other) => one - other).map((time, index) => [time, (100 * (index + 1)) / times.length] as const);

/** Of 1, 2, 5, 10, 20 and so on, those from the last one below all times to the first one above. */
function ticksAround(values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const all = Array.from({ length: 8 }, (_, decade) => [1, 2, 5].map((step) => step * 10 ** decade)).flat();
  return all.filter((tick, index) => (all[index + 1] ?? tick) > least && (all[index - 1] ?? 0) < most);
}

const format = (value: number): string => value.toLocaleString("en-US");
