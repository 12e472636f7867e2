import { useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { lengthText, timeText } from "../../text/sizes.ts";
import { FileIcon } from "../icons.tsx";
import { pauseOthers } from "./turn.ts";
import { Wave } from "./Wave.tsx";

/** Seconds that an arrow moves by, at least; in a long message it is a part of it. */
const STEP = 1;
const STEPS = 20;

interface TrackProps {
  /** Undefined while it is not here. */
  readonly url: string | undefined;
  /** From 0 to 1. */
  readonly levels: readonly number[];
  /** In seconds: a browser may not know it before it has played all. */
  readonly duration: number;
  /** It cannot be played. */
  readonly isDisabled?: boolean;
  /** It was pressed, and is not here. */
  onMissing?(): void;
  /** This browser cannot play it. */
  onUnplayable?(): void;
}

/** Plays a voice: a button, the waveform as a slider, and the time. */
export function Track(props: TrackProps): VNode {
  const { url, levels, duration, isDisabled = false, onMissing, onUnplayable } = props;
  const audio = useRef<HTMLAudioElement>(null);
  const isPlaying = useSignal(false);
  /** The person wants to hear it, once it is here. */
  const isWanted = useRef(false);
  const at = useSignal(0);

  const play = () => {
    isWanted.current = url === undefined;
    if (url === undefined) onMissing?.();
    // A browser may want another press.
    else void audio.current?.play().catch(() => undefined);
  };
  const seek = (to: number) => {
    at.value = Math.min(duration, Math.max(0, to));
    if (audio.current?.readyState) audio.current.currentTime = at.value;
  };
  // It has come, or it is another copy of it: the message was sent meanwhile.
  useEffect(() => {
    if (url !== undefined && (isWanted.current || isPlaying.value)) play();
  }, [url]);
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (way === undefined) return;
    event.preventDefault();
    seek(at.value + way * Math.max(STEP, duration / STEPS));
  };
  const length = lengthText(duration);
  const isBegun = isPlaying.value || at.value > 0;
  return (
    <>
      <button
        type="button"
        class="round play"
        disabled={isDisabled}
        aria-label={isPlaying.value ? "Pause voice message" : `Play voice message, ${length}`}
        onClick={() => (isPlaying.value ? audio.current?.pause() : play())}
      >
        <FileIcon name={isPlaying.value ? "pause" : "play"} />
      </button>
      <span class="seek">
        <Wave levels={levels} played={at.value / duration} />
        <input
          type="range"
          min={0}
          max={duration}
          step="any"
          value={at.value}
          disabled={isDisabled}
          aria-label="Position in the voice message"
          aria-valuetext={`${timeText(at.value)} of ${length}`}
          onInput={({ currentTarget }) => seek(currentTarget.valueAsNumber)}
          onKeyDown={onKeyDown}
        />
      </span>
      <span class="time">{isBegun ? `${timeText(at.value)} / ${length}` : length}</span>
      {url && (
        // biome-ignore lint/a11y/useMediaCaption: nobody has written down what was said
        <audio
          ref={audio}
          src={url}
          preload="metadata"
          onLoadedMetadata={({ currentTarget }) => {
            if (at.value > 0) currentTarget.currentTime = at.value;
          }}
          onPlay={({ currentTarget }) => {
            pauseOthers(currentTarget);
            isPlaying.value = true;
          }}
          onPause={() => {
            isPlaying.value = false;
          }}
          onTimeUpdate={({ currentTarget }) => {
            if (isPlaying.value) at.value = Math.min(duration, currentTarget.currentTime);
          }}
          onEnded={() => {
            isPlaying.value = false;
            at.value = 0;
          }}
          onError={onUnplayable}
        />
      )}
    </>
  );
}
