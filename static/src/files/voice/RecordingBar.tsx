import { useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent, VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { timeText } from "../../text/sizes.ts";
import { Icon } from "../../view/icons.tsx";
import { FileIcon } from "../icons.tsx";
import { waveformOf } from "./levels.ts";
import { LONGEST, type Recorded, type Recording } from "./recorder.ts";
import { Track } from "./Track.tsx";
import { Wave } from "./Wave.tsx";
import { ABOUT } from "./words.ts";

/** Levels that are seen while they grow: of the last seconds. */
const SEEN = 48;

/** The level of a clear voice fills the bar. */
const GAIN = 4;

interface RecordingBarProps {
  readonly recording: Recording;
  onCancel(): void;
  /** Undefined: nothing can be sent here any more. */
  readonly onSend: (() => void) | undefined;
}

/** Stands in place of the box while a voice message is recorded, and until it is sent. */
export function RecordingBar({ recording, onCancel, onSend }: RecordingBarProps): VNode {
  const phase = recording.phase.value;
  const bar = useRef<HTMLFieldSetElement>(null);
  // Enter sends what is recorded; before there is something, it can be cancelled.
  useLayoutEffect(() => {
    const [cancel, send = cancel] = ["button", "button.primary"].flatMap(
      (one) => bar.current?.querySelector<HTMLElement>(one) ?? [],
    );
    send?.focus();
  }, [phase]);
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    if (event.key === "Escape") return onCancel();
    if (event.key !== "Enter") return;
    // The key that has begun it is still held.
    if (event.repeat) event.preventDefault();
    if (event.target instanceof HTMLButtonElement) return;
    // In the slider it would send what is in the box.
    event.preventDefault();
    if (!event.repeat && phase !== "asking") onSend?.();
  };
  return (
    <fieldset ref={bar} class="recording" aria-label="Voice message" data-phase={phase} onKeyDown={onKeyDown}>
      <button type="button" class="round" aria-label="Cancel" title="Cancel" onClick={onCancel}>
        <FileIcon name="close" />
      </button>
      {phase === "asking" && <span class="hint">Allow the microphone if the browser asks.</span>}
      {phase === "recording" && <Growing recording={recording} />}
      {phase === "recorded" && <Listening recording={recording} />}
      {phase !== "asking" && onSend && (
        <button
          type="button"
          class="round primary"
          aria-label="Send"
          title="Send"
          aria-describedby="about-recording"
          onClick={onSend}
        >
          <Icon name="send" />
        </button>
      )}
      <span id="about-recording" hidden>
        {phase === "recording" ? ABOUT : "Escape cancels it."}
      </span>
    </fieldset>
  );
}

function Growing({ recording }: { recording: Recording }): VNode {
  const seconds = recording.seconds.value;
  const last = recording.levels.slice(-SEEN);
  const levels = [
    ...Array.from({ length: SEEN - last.length }, () => 0),
    ...last.map((level) => Math.sqrt(level * GAIN)),
  ];
  return (
    <>
      <span class="time" data-ends={seconds > LONGEST - 60}>
        <span role="timer">{timeText(seconds)}</span>
        <small> / {timeText(LONGEST)}</small>
      </span>
      <Wave levels={levels} />
      <button
        type="button"
        class="round"
        aria-label="Stop and listen"
        title="Stop and listen"
        onClick={() => void recording.finish()}
      >
        <FileIcon name="stop" />
      </button>
    </>
  );
}

function Listening({ recording }: { recording: Recording }): VNode {
  const recorded = useSignal<(Recorded & { readonly url: string }) | undefined>(undefined);
  const levels = useMemo(() => Array.from(waveformOf(recording.levels), (level) => level / 255), [recording]);
  useEffect(() => {
    let url: string | undefined;
    void recording.finish().then((done) => {
      url = URL.createObjectURL(done.file);
      recorded.value = { ...done, url };
    });
    return () => url !== undefined && URL.revokeObjectURL(url);
  }, [recording]);
  return <Track url={recorded.value?.url} levels={levels} duration={recorded.value?.duration ?? 1} />;
}
