import { svg } from "./chart.ts";
import type { Drain } from "./drain.ts";
import type { Latencies } from "./latency.ts";
import { quantile } from "./statistics.ts";

const POINTS = 60;

/** Time of a sync against what is drained already, each backlog at its own length; medians of neighbouring syncs. */
export function drainChart(drains: readonly Drain[]): string {
  const series = drains.map(({ messages, syncTimes }) => {
    const full = syncTimes.slice(0, -1);
    const width = Math.max(1, Math.ceil(full.length / POINTS));
    const points = Array.from({ length: Math.ceil(full.length / width) }, (_, index) => {
      const part = full.slice(index * width, (index + 1) * width);
      return [(100 * (index + 0.5) * width) / full.length, quantile(part, 0.5)] as const;
    });
    return { name: `${messages.toLocaleString("en-US")} messages`, points };
  });
  const usual = quantile(
    drains.flatMap(({ syncTimes }) => syncTimes),
    0.95,
  );
  return svg({
    title: "A backlog drained by one client, 100 messages a sync",
    x: { label: "% of the backlog drained" },
    y: { label: "ms for a sync", max: 2 * usual },
    series,
  });
}

/** Which part of the messages had arrived after so many milliseconds. */
export function latencyChart({ woken, adaptive, eachSecond }: Latencies): string {
  const curve = (times: readonly number[]) =>
    times
      .toSorted((one, other) => one - other)
      .map((time, index) => [time, (100 * (index + 1)) / times.length] as const);
  return svg({
    title: "From send to delivered, through the whole local stack",
    x: { label: "ms", logarithmic: true },
    y: { label: "% delivered", max: 100 },
    series: [
      { name: "woken", points: curve(woken.times) },
      { name: "adaptive polling", points: curve(adaptive.times) },
      { name: "each second", points: curve(eachSecond.times) },
    ],
  });
}
