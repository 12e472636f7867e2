import { isVoiceMessage } from "../../../lib/client/index.ts";
import { asObject, asText, parseJson } from "../../../lib/contract/json.ts";

/** `Picture`: it is shown. `Video` and `Sound`: they are played. Any `File` is only ever saved. */
export type Kind = "Picture" | "Video" | "Sound" | "File";

/**
 * What is shown or played here. A browser would run others as a part of this page, such as HTML and SVG. So this is a list of what
 * is allowed: all else is only saved.
 */
const SHOWN: Readonly<Record<string, Kind>> = {
  ...Object.fromEntries(["avif", "gif", "jpeg", "png", "webp"].map((name) => [`image/${name}`, "Picture"])),
  ...Object.fromEntries(["mp4", "quicktime", "webm"].map((name) => [`video/${name}`, "Video"])),
  ...Object.fromEntries(
    ["aac", "flac", "mp4", "mpeg", "ogg", "wav", "webm", "x-m4a", "x-wav"].map((name) => [`audio/${name}`, "Sound"]),
  ),
};

/** What a browser may take a content for. */
export const SAVED_TYPE = "application/octet-stream";

/** `image/webp` of `Image/WebP; q=1`. */
const bare = (mediaType: string): string => (mediaType.split(";")[0] ?? "").trim().toLowerCase();

/** What the page does with a file of this media type. */
export const kindOf = (mediaType: string): Kind =>
  Object.hasOwn(SHOWN, bare(mediaType)) ? (SHOWN[bare(mediaType)] ?? "File") : "File";

/** The media type under which the page has the content of a file: one of those that it shows, or none that a browser runs. */
export const safeType = (mediaType: string): string => (kindOf(mediaType) === "File" ? SAVED_TYPE : bare(mediaType));

/** What a message says of its file, as the page shows it. Also of one that is not uploaded yet. */
export interface ShownFile {
  readonly name: string;
  readonly kind: Kind;
  readonly mediaType: string;
  readonly bytes: number;
  /** In pixels. Both or none of them. */
  readonly size?: { readonly width: number; readonly height: number };
  /** In seconds. */
  readonly duration?: number;
  /** A thumbhash in base64. */
  readonly preview?: string;
  /** How loud a voice message is, in base64. Other sounds have none. */
  readonly waveform?: string;
}

/** The most pixels of a side that are believed. */
const MOST_PIXELS = 100_000;

const isPositive = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 && value <= MOST_PIXELS;

/** Reads it. What a sender has not said, or cannot mean, is left out. */
export function readShown(content: string): ShownFile {
  const fields = asObject(parseJson(content));
  const { bytes, width, height, duration } = fields;
  const mediaType = asText(fields["mediaType"]) ?? SAVED_TYPE;
  const [preview, waveform] = [asText(fields["preview"]), asText(fields["waveform"])];
  return {
    name: shownName(asText(fields["name"]) ?? ""),
    kind: kindOf(mediaType),
    mediaType,
    bytes: typeof bytes === "number" && bytes >= 0 ? bytes : 0,
    ...(isPositive(width) && isPositive(height) && { size: { width, height } }),
    ...(isPositive(duration) && { duration }),
    ...(preview !== undefined && { preview }),
    ...(waveform !== undefined && kindOf(mediaType) === "Sound" && isVoiceMessage(fields) && { waveform }),
  };
}

/** The most characters of a name. */
const LONGEST = 200;

/** Control characters, and those that turn the direction of a text: `gpj.exe` would be read as `exe.jpg`. Folders. */
const MISLEADING = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]/gu;

/** A file's name as it is shown and saved. */
export const shownName = (name: string): string => {
  const clean = name.replace(MISLEADING, "_").trim();
  return clean === "" ? "file" : clean.slice(-LONGEST);
};
