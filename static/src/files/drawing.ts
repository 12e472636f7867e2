import { rgbaToThumbHash } from "thumbhash";

/** The longest side of what a thumbhash is made of. */
const THUMB_SIDE = 100;

/** In pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

type Source = ImageBitmap | HTMLVideoElement;

const sizeOf = (source: Source): readonly [width: number, height: number] =>
  source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height];

/** The size of a smaller picture with the same shape, with no side longer than this. */
function within([width, height]: readonly [width: number, height: number], longest: number): readonly [number, number] {
  const scale = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** The picture, with no side longer than this. */
export function drawn(source: Source, longest: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = within(sizeOf(source), longest);
  const context = contextOf(canvas);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** As small a picture as a thumbhash needs: the large one would take 4 bytes for each of its pixels. @param size Of the large one. */
export function smallBitmap(file: Blob, { width, height }: Size): Promise<ImageBitmap> {
  const [resizeWidth, resizeHeight] = within([width, height], THUMB_SIDE);
  return createImageBitmap(file, { resizeWidth, resizeHeight, resizeQuality: "medium" });
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
