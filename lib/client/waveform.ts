import { fromBase64 } from "./base64.ts";

/** The most levels of a waveform. A longer one is none. */
const MOST_LEVELS = 256;

/**
 * Reads the waveform of a voice message, to be drawn.
 *
 * @returns how loud it is, from its beginning to its end: up to 256 levels from 0 to 255. Undefined for what is no waveform
 * @example
 * ```ts
 * for await (const message of client.receive()) {
 *   const file = message.type === "file" ? readFileContent(message.content) : undefined;
 *   if (file === undefined || !isVoiceMessage(file)) continue;
 *   const levels = waveformLevels(file.waveform ?? "") ?? [];
 *   console.log(Array.from(levels, (level) => "▁▂▃▄▅▆▇█"[level >> 5]).join(""));
 * }
 * ```
 */
export function waveformLevels(waveform: string): Uint8Array<ArrayBuffer> | undefined {
  // Nobody else's text is decoded that cannot be one.
  const levels = waveform.length > 2 * MOST_LEVELS ? undefined : fromBase64(waveform);
  return levels && levels.length > 0 && levels.length <= MOST_LEVELS ? levels : undefined;
}
