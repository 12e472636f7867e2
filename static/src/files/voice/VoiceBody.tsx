import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { waveformLevels } from "../../../../lib/client/index.ts";
import type { FileProps } from "../fileProps.ts";
import { FileIcon } from "../icons.tsx";
import { save } from "../saving.ts";
import { LEVELS, resampled } from "./levels.ts";
import { Track } from "./Track.tsx";

/** What is drawn where a waveform cannot be read. */
const FLAT: readonly number[] = Array.from({ length: LEVELS }, () => 0);

/** What is shown of a waveform that somebody has sent: as many levels each time, from 0 to 1. */
function shownLevels(waveform: string): readonly number[] {
  const levels = waveformLevels(waveform);
  return levels === undefined ? FLAT : resampled(levels, LEVELS).map((level) => level / 255);
}

/** A voice message. It is fetched and played by a press. */
export function VoiceBody({ view, transfer, onUnshowable }: FileProps): VNode {
  const { file, blob, url, isSecret, held, fetch } = view;
  const { name, duration = 1, waveform = "" } = file;
  const levels = useMemo(() => shownLevels(waveform), [waveform]);
  const problem = isSecret ? "Accept the request to play this." : blob === undefined ? held.problem : undefined;
  return (
    <div class="player voice">
      <Track
        {...{ url, levels, duration }}
        isDisabled={isSecret || (held.state === "lost" && blob === undefined)}
        onMissing={fetch}
        onUnplayable={onUnshowable}
      />
      {transfer}
      {!transfer && blob && (
        <button type="button" class="round" aria-label={`Save ${name}`} title="Save" onClick={() => save(blob, name)}>
          <FileIcon name="save" />
        </button>
      )}
      {problem !== undefined && <small class="why">{problem}</small>}
    </div>
  );
}
