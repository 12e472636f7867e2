import { rgbaToThumbHash } from "thumbhash";

/** The longest side of what a thumbhash is made of. */
const THUMB_SIDE = 100;

type Source = ImageBitmap | HTMLVideoElement;

const sizeOf = (source: Source): readonly [width: number, height: number] =>
  source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height];

/** The picture, with no side longer than this. */
export function drawn(source: Source, longest: number): HTMLCanvasElement {
  const [width, height] = sizeOf(source);
  const scale = Math.min(1, longest / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = contextOf(canvas);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A thumbhash in base64: a picture of some 30 bytes. */
export function thumbOf(source: Source): string {
  const canvas = drawn(source, THUMB_SIDE);
  const { width, height } = canvas;
  const pixels = contextOf(canvas).getImageData(0, 0, width, height).data;
  return btoa(String.fromCharCode(...rgbaToThumbHash(width, height, pixels)));
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("There is no canvas.");
  return context;
}
