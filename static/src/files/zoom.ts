/** How a picture lies in its frame: so many times its fitting size, and moved by so many pixels from the middle. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The picture as a whole. */
export const FITTING: Zoom = { scale: 1, x: 0, y: 0 };

/** The largest scale. */
const MOST = 8;

/** The scale of a double tap. */
export const CLOSE = 2.5;

/**
 * Zooms so that what is under a point stays there.
 *
 * @param at From the middle of the frame, in pixels.
 */
export function zoomedAt({ scale, x, y }: Zoom, factor: number, at: Point): Zoom {
  const next = Math.min(MOST, Math.max(1, scale * factor));
  const grown = next / scale;
  return { scale: next, x: at.x - (at.x - x) * grown, y: at.y - (at.y - y) * grown };
}

/** Keeps the picture in its frame: where it is larger no gap is at its edges, and where it is smaller it is in the middle. */
export function within(
  { scale, x, y }: Zoom,
  frame: { readonly width: number; readonly height: number },
  picture: { readonly width: number; readonly height: number },
): Zoom {
  const bound = (value: number, length: number, room: number) => {
    const most = Math.max(0, (length * scale - room) / 2);
    return Math.min(most, Math.max(-most, value));
  };
  return { scale, x: bound(x, picture.width, frame.width), y: bound(y, picture.height, frame.height) };
}

export const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

export const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

/** Pixels that a finger goes until it is a swipe. */
const SWIPE = 60;

/** What a finger means that has gone so far on a picture that is shown as a whole. */
export function swipe({ x, y }: Point): "next" | "previous" | "close" | undefined {
  if (Math.abs(x) > Math.abs(y)) {
    if (x < -SWIPE) return "next";
    return x > SWIPE ? "previous" : undefined;
  }
  return y > SWIPE ? "close" : undefined;
}
