import { expect, it } from "vitest";
import { addTo, covers, type Span } from "../../../lib/channel/spans.ts";

const ROOM = 5;

/** As long as prefixes are: they are numbers past those that JavaScript counts exactly. */
const at = (number: number): string => `ffffffffffffffffff${number.toString(16).padStart(4, "0")}`;
const span = (first: number, last = first): Span => ({ first: at(first), last: at(last) });
const add = (spans: readonly Span[], numbers: readonly number[]) => addTo(spans, numbers.map(at), ROOM);

it("adds each prefix as a span of its own while there is room, in their order", () => {
  expect(add([span(20), span(40, 50)], [60, 10, 30])).toEqual([span(10), span(20), span(30), span(40, 50), span(60)]);
});

it("adds nothing that a span covers already, from its first to its last", () => {
  const spans = [span(20, 30)];
  expect(add(spans, [20, 25, 30])).toEqual(spans);
  expect(add(spans, [19, 31])).toEqual([span(19), span(20, 30), span(31)]);
});

it.each([
  ["first", [10, 11, 20, 30, 40, 50], [span(10, 11), span(20), span(30), span(40), span(50)]],
  ["middle", [10, 20, 30, 31, 40, 50], [span(10), span(20), span(30, 31), span(40), span(50)]],
  ["last", [10, 20, 30, 40, 50, 51], [span(10), span(20), span(30), span(40), span(50, 51)]],
])("makes one of the two with the smallest gap when they are too many: the %s ones", (_, numbers, spans) => {
  expect(add([], numbers)).toEqual(spans);
});

it("makes one of the first two where several gaps are the smallest", () => {
  expect(add([], [10, 30, 31, 50, 51, 70])).toEqual([span(10), span(30, 31), span(50), span(51), span(70)]);
});

it("measures a gap from the end of a span to the start of the next, and goes on until they are few enough", () => {
  const spans = [span(10, 28), span(30), span(40), span(50), span(60)];
  expect(add(spans, [63, 67])).toEqual([span(10, 30), span(40), span(50), span(60, 63), span(67)]);
});

it("covers what lies in a span, and nothing between two", () => {
  const spans = [span(10, 20), span(30)];
  const covered = [9, 10, 15, 20, 21, 30, 31].filter((number) => covers(spans, at(number)));
  expect(covered).toEqual([10, 15, 20, 30]);
});
