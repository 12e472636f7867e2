import { drawn, smallBitmap, thumbOf } from "./drawing.ts";
import { kindOf, type ShownFile } from "./reading.ts";
import { measureVideo } from "./video.ts";

/** The longest side of a picture that is sent, in pixels. */
const LONGEST_SIDE = 2_048;

const QUALITY = 0.85;

/** A file as it is sent, and what its message says of it. */
export interface Prepared {
  readonly file: Blob;
  readonly name: string;
  readonly mediaType: string;
  readonly width?: number;
  readonly height?: number;
  readonly duration?: number;
  readonly preview?: string;
  readonly waveform?: string;
}

/** A picture that this browser cannot read, and so not take anything out of. */
export class UnreadablePicture extends Error {
  constructor(options: ErrorOptions) {
    super("This browser cannot read the picture.", options);
  }
}

/** Whether a file is a picture of which a smaller one can be made. A small one that moves would lose that. */
export const isScalable = ({ type }: Blob): boolean => type.startsWith("image/") && !/svg|gif/.test(type);

/**
 * Makes of a chosen file what is sent. Of a picture that is a smaller one, without what the camera has written into it, such as the
 * place.
 *
 * @param isWhole As a file: not a byte is changed.
 * @throws UnreadablePicture it is a picture and cannot be read here
 */
export async function prepare(file: File, isWhole: boolean): Promise<Prepared> {
  const { name, type } = file;
  if (isScalable(file) && !isWhole) return scaled(file);
  const whole = { file, name, mediaType: type || "application/octet-stream" };
  const seen =
    kindOf(type) === "Picture" ? await measured(file) : kindOf(type) === "Video" && (await measureVideo(file));
  return { ...whole, ...(seen || {}) };
}

async function scaled(file: File): Promise<Prepared> {
  const bitmap = await createImageBitmap(file).catch((cause: unknown) => {
    throw new UnreadablePicture({ cause });
  });
  try {
    const canvas = drawn(bitmap, LONGEST_SIDE);
    const { width, height } = canvas;
    const small = await encoded(canvas, file.type);
    const name = `${file.name.replace(/\.[^.]*$/, "") || "picture"}.${small.type.slice("image/".length)}`;
    return { file: small, name, mediaType: small.type, width, height, preview: thumbOf(bitmap) };
  } finally {
    bitmap.close();
  }
}

/** How much of a picture is read for its size first, in bytes. The size stands near the beginning, behind what the camera has written. */
const HEAD_BYTES = 262_144;

/** The size of a picture that is sent as it is. Nothing if it cannot be read. */
const measured = async (file: Blob): Promise<Measured> =>
  (await sizeOf(file.slice(0, HEAD_BYTES, file.type))) ?? (await sizeOf(file)) ?? {};

type Measured = Pick<Prepared, "width" | "height">;

/** An image tells its size before it is decoded. `undefined` if this browser needs more of it. */
async function sizeOf(file: Blob): Promise<Measured | undefined> {
  const url = URL.createObjectURL(file);
  const image = new Image();
  try {
    await new Promise((resolve, reject) => Object.assign(image, { onload: resolve, onerror: reject, src: url }));
    return { width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    return undefined;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** A thumbhash of a picture that is sent as it is: it is made while the picture is uploaded. `undefined` if it cannot be read. */
export async function previewOf(file: Blob, size: ShownFile["size"]): Promise<string | undefined> {
  try {
    const bitmap = await (size === undefined ? createImageBitmap(file) : smallBitmap(file, size));
    const preview = thumbOf(bitmap);
    bitmap.close();
    return preview;
  } catch {
    return undefined;
  }
}

/** As WebP. A browser that cannot write it makes a PNG, which is right for what may be transparent, and too large for a photograph. */
async function encoded(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  const webp = await toBlob(canvas, "image/webp");
  const isTransparent = type !== "image/jpeg" && type !== "image/heic";
  return webp.type === "image/webp" || isTransparent ? webp : toBlob(canvas, "image/jpeg");
}

const toBlob = (canvas: HTMLCanvasElement, type: string): Promise<Blob> =>
  new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error("The picture cannot be written.")) : resolve(blob)),
      type,
      QUALITY,
    );
  });
