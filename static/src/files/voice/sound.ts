import type { Prepared } from "../preparing.ts";
import { waveformOf } from "./levels.ts";
import type { Recorded } from "./recorder.ts";

/**
 * A voice message as it is sent.
 *
 * @param levels How loud it was at equal distances.
 * @param now Its name has the time in UTC: that of the person would tell where they are.
 */
export function preparedOf(recorded: Recorded, levels: readonly number[], now: Date): Prepared {
  const { file, mediaType, ending, duration } = recorded;
  const time = now.toISOString().slice(0, 19).replaceAll(":", "-");
  const waveform = btoa(String.fromCharCode(...waveformOf(levels)));
  return { file, name: `voice-${time}Z.${ending}`, mediaType, duration: Math.round(duration * 100) / 100, waveform };
}
