/** A line of a chart. */
interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

interface Chart {
  readonly title: string;
  readonly x: { readonly label: string; readonly logarithmic?: boolean };
  readonly y: { readonly label: string; readonly max?: number };
  readonly series: readonly Series[];
}

const WIDTH = 720;
const HEIGHT = 360;
const PLOT = { left: 64, right: 684, top: 56, bottom: 310 };
/** Told apart by people who see fewer colours too (Okabe and Ito). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

/** A chart with lines, as SVG. */
export function svg({ title, x, y, series }: Chart): string {
  const points = series.flatMap((one) => one.points);
  const xs = points.map(([value]) => value);
  const xTicks = x.logarithmic ? decades(Math.min(...xs), Math.max(...xs)) : ticks(Math.max(...xs));
  const yTicks = ticks(y.max ?? Math.max(...points.map(([, value]) => value)));
  const xOf = scale(xTicks, [PLOT.left, PLOT.right], x.logarithmic ? Math.log10 : Number);
  const yOf = scale(yTicks, [PLOT.bottom, PLOT.top], Number);

  const grid = [
    ...xTicks.map((tick) => line(xOf(tick), PLOT.top, xOf(tick), PLOT.bottom)),
    ...yTicks.map((tick) => line(PLOT.left, yOf(tick), PLOT.right, yOf(tick))),
  ];
  const labels = [
    ...xTicks.map((tick) => text(xOf(tick), PLOT.bottom + 18, "middle", tick.toLocaleString("en-US"))),
    ...yTicks.map((tick) => text(PLOT.left - 8, yOf(tick) + 4, "end", tick.toLocaleString("en-US"))),
    text((PLOT.left + PLOT.right) / 2, HEIGHT - 10, "middle", x.label),
    text(PLOT.left, PLOT.top - 8, "start", y.label),
    `<text x="${PLOT.left}" y="22" font-size="16">${escaped(title)}</text>`,
  ];
  const lines = series.flatMap((one, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = one.points
      .map(([px, py]) => `${xOf(px).toFixed(1)},${Math.max(PLOT.top, yOf(py)).toFixed(1)}`)
      .join(" ");
    const nameX = PLOT.right - 150 * (series.length - index - 1);
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${path}"/>`,
      text(nameX, PLOT.top - 8, "end", one.name, colour),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...grid,
    ...lines,
    ...labels,
    "</svg>",
    "",
  ].join("\n");
}

type Scale = (value: number) => number;

function scale(domain: readonly number[], [from, to]: readonly [number, number], transform: Scale): Scale {
  const low = transform(domain[0] ?? 0);
  const high = transform(domain.at(-1) ?? 1);
  return (value) => from + ((transform(value) - low) / (high - low)) * (to - from);
}

/** From 0 to at least `max`, at round numbers. */
function ticks(max: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(max));
  const step = [0.1, 0.2, 0.5, 1, 2].map((factor) => factor * magnitude).find((size) => max / size <= 6) ?? max;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

function decades(min: number, max: number): number[] {
  const first = Math.floor(Math.log10(min));
  const last = Math.ceil(Math.log10(max));
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
}

const line = (x1: number, y1: number, x2: number, y2: number): string =>
  `<path d="M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}" stroke="#ddd"/>`;

const text = (x: number, y: number, anchor: string, content: string, colour = "#333"): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${escaped(content)}</text>`;

const escaped = (content: string): string => content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
