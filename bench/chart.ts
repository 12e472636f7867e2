import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";

type Point = readonly [x: number, y: number];

/** A line, and a point of it that is marked. */
interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  readonly mark?: Point;
}

interface Axis {
  readonly label: string;
  readonly domain: Point;
  readonly isLogarithmic?: boolean;
  readonly ticks?: readonly number[];
}

interface Panel {
  readonly title?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** All panels have series of the same names, in the same order. */
interface Chart {
  readonly title: string;
  readonly subtitle: string;
  readonly panels: readonly Panel[];
}

const SIZE = { width: 800, height: 400 };
const MARGIN = { top: 116, right: 24, bottom: 52, left: 64 };
const GAP = 72;
const LEGEND_STEP = 255;

/*
 * Its own background, and colours for both themes, so that it can be read wherever it is shown. The colours are told
 * apart by people who see fewer of them too (Okabe and Ito), and the lines by their dashes.
 */
const STYLE = `
  svg { --back: #ffffff; --ink: #1f2328; --soft: #59636e; --grid: #d8dee4; --c0: #0072b2; --c1: #d55e00; --c2: #00805c }
  @media (prefers-color-scheme: dark) {
    svg { --back: #0d1117; --ink: #f0f6fc; --soft: #9198a1; --grid: #2f353d; --c0: #56b4e9; --c1: #f08c4b; --c2: #2cc295 }
  }
  text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: var(--soft) }
  .title { font-size: 17px; font-weight: 600; fill: var(--ink) }
  .name { font-weight: 600; fill: var(--ink) }
  .line { fill: none; stroke-width: 2.25; stroke-linejoin: round; stroke-linecap: round }
  .grid { stroke: var(--grid) }
`;
const DASHES = ["", "8 5", "2 5"];

/** A chart with lines, as SVG. */
export function svg({ title, subtitle, panels }: Chart): string {
  const width = (SIZE.width - MARGIN.left - MARGIN.right - GAP * (panels.length - 1)) / panels.length;
  const names = panels[0]?.series.map(({ name }) => name) ?? [];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}</style>`,
    `<rect width="${SIZE.width}" height="${SIZE.height}" rx="6" fill="var(--back)"/>`,
    text(20, 30, title, 'class="title"'),
    text(20, 50, subtitle),
    ...names.flatMap((name, index) => [
      line([20 + index * LEGEND_STEP, 74], [52 + index * LEGEND_STEP, 74], strokeOf(index)),
      text(60 + index * LEGEND_STEP, 78, name, 'class="name"'),
    ]),
    ...panels.flatMap((panel, index) => drawPanel(panel, MARGIN.left + index * (width + GAP), width)),
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel({ title, x, y, series }: Panel, left: number, width: number): string[] {
  const bottom = SIZE.height - MARGIN.bottom;
  const xOf = scaleOf(x).range([left, left + width]);
  const yOf = scaleOf(y).range([bottom, MARGIN.top]);
  const [lowX, highX] = [left, left + width];
  const xTicks = x.ticks ?? xOf.ticks(5);
  const yTicks = y.ticks ?? yOf.ticks(5);
  return [
    ...yTicks.map((tick) => line([lowX, yOf(tick)], [highX, yOf(tick)], 'class="grid"')),
    ...yTicks.map((tick) => text(left - 10, yOf(tick) + 4, format(tick), 'text-anchor="end"')),
    ...xTicks.map((tick) => line([xOf(tick), bottom], [xOf(tick), bottom + 5], 'class="grid"')),
    ...xTicks.map((tick) => text(xOf(tick), bottom + 20, format(tick), 'text-anchor="middle"')),
    text(left + width / 2, bottom + 42, x.label, 'text-anchor="middle"'),
    text(left - 44, MARGIN.top - 14, y.label),
    ...(title === undefined ? [] : [text(left + width, MARGIN.top - 14, title, 'class="name" text-anchor="end"')]),
    ...series.map(({ points }, index) => {
      const path = points.map(([px, py]) => `${xOf(px).toFixed(1)},${yOf(py).toFixed(1)}`).join(" ");
      return `<polyline ${strokeOf(index)} points="${path}"/>`;
    }),
    ...series.flatMap(({ mark }, index) =>
      mark === undefined
        ? []
        : [`<circle cx="${xOf(mark[0]).toFixed(1)}" cy="${yOf(mark[1]).toFixed(1)}" r="5" fill="var(--c${index})"/>`],
    ),
  ];
}

const scaleOf = ({ domain, isLogarithmic }: Axis): ScaleContinuousNumeric<number, number> =>
  (isLogarithmic ? scaleLog() : scaleLinear()).domain(domain).clamp(true);

const strokeOf = (index: number): string =>
  `class="line" stroke="var(--c${index})" stroke-dasharray="${DASHES[index] ?? ""}"`;

const format = (value: number): string => value.toLocaleString("en-US");

const line = ([x1, y1]: Point, [x2, y2]: Point, attributes: string): string =>
  `<path d="M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}" ${attributes}/>`;

const text = (x: number, y: number, content: string, attributes = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`;

const escaped = (content: string): string =>
  content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
