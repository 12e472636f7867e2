import { asObject, asText, parseJson } from "../contract/json.ts";
import { fromBase64 } from "./base64.ts";

/** What the sender of a file says about it. */
export interface FileDetails {
  /** As the sender wrote it. It may be anything: a path, control characters. */
  readonly name: string;
  /** As the sender wrote it, such as `image/webp`. */
  readonly mediaType: string;
  /** Of a picture or a video, in pixels. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Of a sound or a video, in seconds. */
  readonly duration?: number | undefined;
  /**
   * Of a voice message: how loud it is, from its beginning to its end. Base64 of up to 256 bytes, each a level from 0 to 255. A sender
   * may have written anything: see `isVoiceMessage` and `waveformLevels`.
   */
  readonly waveform?: string | undefined;
  /** Of a picture: a thumbhash in base64. */
  readonly preview?: string | undefined;
}

/**
 * The content of a message of the type `file`, as JSON: where the file is, the key that opens it, and what its sender says about
 * it. Anyone who has this content can read the file.
 */
export interface FileContent extends FileDetails {
  readonly fileId: string;
  /** How many bytes the file has. */
  readonly bytes: number;
  /** 32 bytes in base64url: the key of this file alone. */
  readonly key: string;
  /** 7 bytes in base64url: the beginning of each nonce. */
  readonly iv: string;
  /** Of what is stored, which is encrypted. 32 bytes in base64. */
  readonly sha256: string;
}

/** What no sender has named otherwise. */
export const UNKNOWN_MEDIA_TYPE = "application/octet-stream";

export const KEY_BYTES = 32;
export const IV_BYTES = 7;
const SHA256_BYTES = 32;

const isBytes = (text: string, length: number): boolean => fromBase64(text)?.byteLength === length;

/** The most pixels of a side, and the most seconds, that are believed. */
const MOST = 100_000;

/** A size in pixels or a duration. Undefined for what is none. */
const asSize = (value: unknown): number | undefined =>
  typeof value === "number" && value > 0 && value <= MOST ? value : undefined;

/**
 * Reads the content of a message of the type `file`.
 *
 * @returns undefined when the file cannot be fetched by it. What is optional and cannot be read is left out
 * @example
 * ```ts
 * for await (const message of client.receive()) {
 *   const file = message.type === "file" ? readFileContent(message.content) : undefined;
 *   if (file) console.log(`${message.senderName} sent ${file.name}: ${(await client.fetchFile(file)).size} bytes`);
 * }
 * ```
 */
export function readFileContent(content: string): FileContent | undefined {
  const fields = asObject(parseJson(content));
  const { bytes } = fields;
  const [fileId, name, key, iv, sha256] = ["fileId", "name", "key", "iv", "sha256"].map((field) =>
    asText(fields[field]),
  );
  if (fileId === undefined || name === undefined) return undefined;
  if (key === undefined || iv === undefined || sha256 === undefined) return undefined;
  if (!isBytes(key, KEY_BYTES) || !isBytes(iv, IV_BYTES) || !isBytes(sha256, SHA256_BYTES)) return undefined;
  if (typeof bytes !== "number" || !Number.isSafeInteger(bytes) || bytes < 0) return undefined;
  const mediaType = asText(fields["mediaType"]) ?? UNKNOWN_MEDIA_TYPE;
  const optional = {
    width: asSize(fields["width"]),
    height: asSize(fields["height"]),
    duration: asSize(fields["duration"]),
    waveform: asText(fields["waveform"]),
    preview: asText(fields["preview"]),
  };
  const known = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { fileId, name, mediaType, bytes, key, iv, sha256, ...known };
}
