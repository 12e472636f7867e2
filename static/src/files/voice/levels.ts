/** Levels of a waveform that is sent. */
export const LEVELS = 64;

/** What counts as loud at least, so that the noise of a quiet room does not look like a voice. Full scale is 1. */
const LEAST_PEAK = 0.05;

/** How loud samples between -1 and 1 are: their root mean square. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** Reduces levels to so many, each the loudest of its part of the time. No levels give none. */
export function resampled(levels: ArrayLike<number>, count: number): number[] {
  const all = Array.from(levels);
  return Array.from({ length: all.length === 0 ? 0 : count }, (_, index) => {
    const start = Math.floor((index * all.length) / count);
    const end = Math.max(start + 1, Math.floor(((index + 1) * all.length) / count));
    return Math.max(...all.slice(start, end));
  });
}

/**
 * The waveform of a voice message.
 *
 * @param loud How loud it was at equal distances, see {@link loudness}.
 * @returns levels from 0 to 255; the loudest part of a voice has 255
 */
export function waveformOf(loud: readonly number[]): Uint8Array {
  const levels = resampled(loud.length === 0 ? [0] : loud, LEVELS);
  const peak = Math.max(LEAST_PEAK, ...levels);
  // The ear hears less of a difference than there is: the root makes soft parts visible.
  return Uint8Array.from(levels, (level) => Math.round(255 * Math.sqrt(level / peak)));
}
