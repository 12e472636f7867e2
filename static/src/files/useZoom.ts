import type { RefObject, TargetedMouseEvent, TargetedPointerEvent, TargetedWheelEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { CLOSE, distance, FITTING, middle, type Point, swipe, within, type Zoom, zoomedAt } from "./zoom.ts";

/** How far one notch of a wheel, or one press of + or −, zooms. */
const STEP = 1.3;

/** Milliseconds between two taps that are one double tap, and the pixels between them. */
const DOUBLE = { time: 350, pixels: 30 };

/** Pixels that a finger moves at most in a tap. */
const SLOP = 8;

type Swipe = NonNullable<ReturnType<typeof swipe>>;

/**
 * Zooms and moves a picture: by pinching, by two taps or clicks, by the wheel, by dragging, and by keys. A finger that goes over a
 * picture that is shown as a whole swipes.
 */
export function useZoom(frame: RefObject<HTMLElement | null>, id: string, onSwipe: (what: Swipe) => void) {
  const [zoom, setZoom] = useState<Zoom>(FITTING);
  const pointers = useRef(new Map<number, Point>());
  /** Where the first finger has come down, whether there was a second one, and when the last tap was. */
  const gesture = useRef<{ from: Point; isPinch: boolean }>({ from: { x: 0, y: 0 }, isPinch: false });
  const touched = useRef(-Infinity);
  const tap = useRef<{ at: number; point: Point }>({ at: 0, point: { x: 0, y: 0 } });
  useEffect(() => setZoom(FITTING), [id]);

  const bounded = (next: Zoom): Zoom => {
    const image = frame.current?.querySelector("img");
    if (!frame.current || !image) return next;
    const { clientWidth: width, clientHeight: height } = frame.current;
    return within(next, { width, height }, { width: image.offsetWidth, height: image.offsetHeight });
  };
  const fromMiddle = ({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Point => {
    const { left = 0, top = 0, width = 0, height = 0 } = frame.current?.getBoundingClientRect() ?? {};
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
  };
  const zoomBy = (factor: number, at: Point = { x: 0, y: 0 }) =>
    setZoom((before) => bounded(zoomedAt(before, factor, at)));
  const toggle = (at: Point) =>
    setZoom((before) => (before.scale > 1 ? FITTING : bounded(zoomedAt(before, CLOSE, at))));

  const release = (event: TargetedPointerEvent<HTMLElement>) => {
    const isKnown = pointers.current.delete(event.pointerId);
    if (!isKnown || pointers.current.size > 0 || event.type === "pointercancel") return;
    const end = fromMiddle(event);
    const { from, isPinch } = gesture.current;
    if (isPinch) return;
    if (distance(from, end) <= SLOP) return onTap(event, end);
    const what = zoom.scale === 1 && event.pointerType !== "mouse" && swipe({ x: end.x - from.x, y: end.y - from.y });
    if (what) onSwipe(what);
  };
  const onTap = ({ pointerType, timeStamp }: TargetedPointerEvent<HTMLElement>, point: Point) => {
    // A mouse has the event of a double click.
    if (pointerType === "mouse") return;
    touched.current = timeStamp;
    const { at, point: last } = tap.current;
    const isDouble = timeStamp - at < DOUBLE.time && distance(last, point) < DOUBLE.pixels;
    tap.current = { at: isDouble ? 0 : timeStamp, point };
    if (isDouble) toggle(point);
  };

  return {
    zoom,
    /** Does what a key means. @returns whether it means anything */
    press: (key: string): boolean => {
      if (key === "+" || key === "=") zoomBy(STEP);
      else if (key === "-") zoomBy(1 / STEP);
      else if (key === "0") setZoom(FITTING);
      else return false;
      return true;
    },
    handlers: {
      onPointerDown: (event: TargetedPointerEvent<HTMLElement>) => {
        if (event.button !== 0) return;
        const point = fromMiddle(event);
        event.currentTarget.setPointerCapture(event.pointerId);
        pointers.current.set(event.pointerId, point);
        gesture.current =
          pointers.current.size === 1 ? { from: point, isPinch: false } : { ...gesture.current, isPinch: true };
      },
      onPointerMove: (event: TargetedPointerEvent<HTMLElement>) => {
        const before = pointers.current.get(event.pointerId);
        if (before === undefined) return;
        const now = fromMiddle(event);
        const other = [...pointers.current].find(([pointer]) => pointer !== event.pointerId)?.[1];
        pointers.current.set(event.pointerId, now);
        if (other !== undefined) {
          const [from, to] = [middle(before, other), middle(now, other)];
          const factor = distance(now, other) / Math.max(1, distance(before, other));
          setZoom((known) =>
            bounded(zoomedAt({ ...known, x: known.x + to.x - from.x, y: known.y + to.y - from.y }, factor, to)),
          );
        } else if (zoom.scale > 1) {
          setZoom((known) => bounded({ ...known, x: known.x + now.x - before.x, y: known.y + now.y - before.y }));
        }
      },
      onPointerUp: release,
      onPointerCancel: release,
      onDblClick: (event: TargetedMouseEvent<HTMLElement>) => {
        // Browsers make it of two taps, too, which are known by then.
        if (event.timeStamp - touched.current > DOUBLE.time) toggle(fromMiddle(event));
      },
      onWheel: (event: TargetedWheelEvent<HTMLElement>) =>
        zoomBy(event.deltaY < 0 ? STEP : 1 / STEP, fromMiddle(event)),
    },
  };
}
