import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { thumbHashToRGBA } from "thumbhash";

/** The most bytes of a thumbhash. A longer text is none. */
const LONGEST = 40;

/** A picture of some 30 bytes, which is there before the picture. Draws nothing if it is damaged. */
export function Thumb({ hash }: { hash: string }): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const image = decode(hash);
    if (image === undefined || canvas.current === null) return;
    Object.assign(canvas.current, { width: image.width, height: image.height });
    canvas.current.getContext("2d")?.putImageData(image, 0, 0);
  }, [hash]);
  return <canvas ref={canvas} width={1} height={1} />;
}

function decode(hash: string): ImageData | undefined {
  try {
    const bytes = Uint8Array.from(atob(hash), (character) => character.charCodeAt(0));
    if (bytes.length > LONGEST) return undefined;
    const { w, h, rgba } = thumbHashToRGBA(bytes);
    return new ImageData(new Uint8ClampedArray(rgba), w, h);
  } catch {
    return undefined;
  }
}
