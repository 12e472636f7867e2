import type { VNode } from "preact";

/** The height of a drawing, in its own units. A level of 0 is a point. */
const HEIGHT = 32;

/** A line for each level from 0 to 1, in the middle. */
const path = (levels: readonly number[]): string =>
  levels
    .map((level, index) => {
      const half = Math.max(0.5, Math.min(1, level) * (HEIGHT / 2 - 2));
      return `M${index + 0.5} ${HEIGHT / 2 - half}v${2 * half}`;
    })
    .join("");

/** A waveform. @param played The part of it that was heard, from 0 to 1. */
export function Wave({ levels, played = 0 }: { levels: readonly number[]; played?: number }): VNode {
  const drawing = (
    <svg viewBox={`0 0 ${levels.length} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path(levels)} />
    </svg>
  );
  return (
    <span class="wave">
      {drawing}
      <span class="played" style={{ "--played": `${100 * played}%` }}>
        {drawing}
      </span>
    </span>
  );
}
