import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { longPress } from "../../static/src/view/longPress.ts";

/** Something to press. `own`: it has a long press of its own, as a link has. */
class Thing {
  readonly #isOwn: boolean;
  constructor(isOwn = false) {
    this.#isOwn = isOwn;
  }
  closest(selector: string): Thing | null {
    return this.#isOwn && selector.split(", ").includes("a") ? this : null;
  }
}

type Handlers = ReturnType<typeof longPress>;
type Down = Parameters<Handlers["onPointerDown"]>[0];

const MESSAGE = new Thing();
const LONG_ENOUGH = 1_000;

let pressed: unknown[];
let handlers: Handlers;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("Element", Thing);
  pressed = [];
  handlers = longPress((target) => pressed.push(target));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const touch = (more: object = {}): Down =>
  ({ pointerType: "touch", isPrimary: true, target: MESSAGE, clientX: 100, clientY: 100, ...more }) as unknown as Down;

it("is a finger that rests", () => {
  handlers.onPointerDown(touch());
  handlers.onPointerMove(touch({ clientX: 104, clientY: 97 }));
  vi.advanceTimersByTime(400);
  expect(pressed).toEqual([]);
  vi.advanceTimersByTime(LONG_ENOUGH);
  expect(pressed).toEqual([MESSAGE]);
});

it.each<[string, () => void]>([
  ["is lifted", () => handlers.onPointerUp()],
  ["moves on", () => handlers.onPointerMove(touch({ clientY: 115 }))],
  ["scrolls", () => handlers.onScroll()],
  ["is taken by the browser", () => handlers.onPointerCancel()],
  ["is joined by another one", () => handlers.onPointerDown(touch({ isPrimary: false }))],
])("is no finger that %s", (_, happen) => {
  handlers.onPointerDown(touch());
  vi.advanceTimersByTime(300);
  happen();
  vi.advanceTimersByTime(LONG_ENOUGH);
  expect(pressed).toEqual([]);
});

it.each<[string, object]>([
  ["a mouse", { pointerType: "mouse" }],
  ["a finger on a link, which has the browser's menu", { target: new Thing(true) }],
])("is not %s", (_, more) => {
  handlers.onPointerDown(touch(more));
  vi.advanceTimersByTime(LONG_ENOUGH);
  expect(pressed).toEqual([]);
});

it("is a finger that moves no further than a resting one does", () => {
  handlers.onPointerMove(touch());
  handlers.onPointerDown(touch());
  handlers.onPointerMove(touch({ clientX: 106, clientY: 108 }));
  vi.advanceTimersByTime(499);
  expect(pressed).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(pressed).toEqual([MESSAGE]);
});

it("is told once for each finger that rests", () => {
  for (let time = 0; time < 2; time++) {
    handlers.onPointerDown(touch());
    vi.advanceTimersByTime(LONG_ENOUGH);
    handlers.onPointerUp();
  }
  expect(pressed).toEqual([MESSAGE, MESSAGE]);
});

it.each<[string, boolean, unknown, boolean]>([
  ["of a message on a touch screen does not open: it would select a word", true, MESSAGE, true],
  ["of a message opens by a mouse", false, MESSAGE, false],
  ["of a link opens on a touch screen", true, new Thing(true), false],
  ["of what is no element opens on a touch screen", true, null, false],
])("the browser's menu %s", (_, isCoarse, target, isPrevented) => {
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: isCoarse && query === "(pointer: coarse)" }));
  const preventDefault = vi.fn();
  handlers.onContextMenu({ target, preventDefault } as unknown as Parameters<Handlers["onContextMenu"]>[0]);
  expect(preventDefault.mock.calls.length).toBe(isPrevented ? 1 : 0);
});
