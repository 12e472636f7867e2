import type { SortablePrefix } from "../runtime/ids.ts";

/** All prefixes from the first to the last, both included. */
export interface Span {
  readonly first: SortablePrefix;
  readonly last: SortablePrefix;
}

/**
 * Adds prefixes to a set of spans, each as a span of its own while there is room. Past `most` spans the two with the
 * smallest gap between them become one: the set may then cover what was never added, and always covers what was.
 *
 * @param spans In their order, without overlaps.
 * @returns Likewise.
 */
export function addTo(spans: readonly Span[], prefixes: readonly SortablePrefix[], most: number): Span[] {
  const added = prefixes.filter((prefix) => !covers(spans, prefix)).map((prefix) => ({ first: prefix, last: prefix }));
  const all = [...spans, ...added].sort((one, other) => (one.first < other.first ? -1 : 1));
  while (all.length > most) {
    const gaps = all.slice(1).map(({ first }, before) => numberOf(first) - numberOf(all[before]?.last ?? ""));
    const smallest = gaps.reduce((best, gap, at) => (gap < (gaps[best] ?? gap) ? at : best), 0);
    const [one, other] = all.slice(smallest, smallest + 2);
    if (one && other) all.splice(smallest, 2, { first: one.first, last: other.last });
  }
  return all;
}

export const covers = (spans: readonly Span[], prefix: SortablePrefix): boolean =>
  spans.some(({ first, last }) => first <= prefix && prefix <= last);

const numberOf = (prefix: SortablePrefix): bigint => BigInt(`0x${prefix}`);
