import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { explain } from "../../chat/explain.ts";
import { useChat } from "../../view/context.ts";
import { FileIcon } from "../icons.tsx";
import { sendFile } from "../sending.ts";
import { explainFile } from "../words.ts";
import { RecordingBar } from "./RecordingBar.tsx";
import { canRecord, SHORTEST } from "./recorder.ts";
import { discard, keyOf, leave, newRecording, recordingOf } from "./recordings.ts";
import { preparedOf } from "./sound.ts";
import { pauseOthers } from "./turn.ts";
import { EMPTY, ENDED, explainMicrophone, SHORT, UNSENT } from "./words.ts";

interface VoiceProps {
  readonly peerId: string;
  /** Whether nothing can be written here: nothing can be said either. */
  readonly isOver: boolean;
}

/** The button that records a voice message, or what is being recorded, in the place of the box. */
export function Voice({ peerId, isOver }: VoiceProps): VNode | null {
  const chat = useChat();
  const key = keyOf(chat.session.id, peerId);
  const recording = recordingOf(key);
  const problem = useSignal<string | undefined>(undefined);
  const button = useRef<HTMLButtonElement>(null);
  const isSending = useRef(false);
  useEffect(() => () => leave(key), [key]);
  useEffect(() => {
    if (isOver) leave(key);
  }, [key, isOver]);
  /** The bar has just gone: the focus goes back to where it came from. */
  const isBack = useRef(false);
  useEffect(() => {
    if (recording === undefined && isBack.current) button.current?.focus();
    isBack.current = recording !== undefined;
  }, [recording]);

  const start = async () => {
    problem.value = undefined;
    pauseOthers();
    const begun = newRecording(key);
    try {
      await begun.start();
    } catch (error) {
      // It was cancelled before the browser has answered.
      if (recordingOf(key) !== begun) return;
      discard(key);
      problem.value = explainMicrophone(error);
    }
  };
  const cancel = () => {
    problem.value = undefined;
    discard(key);
  };
  const send = async () => {
    const timeline = chat.reading.timeline.value;
    if (recording === undefined || timeline?.peerId !== peerId || isSending.current) return;
    isSending.current = true;
    try {
      pauseOthers();
      const recorded = await recording.finish();
      if (recorded.duration < SHORTEST) {
        discard(key);
        problem.value = SHORT;
        return;
      }
      const prepared = preparedOf(recorded, recording.levels, new Date());
      if (prepared.file.size === 0) problem.value = EMPTY;
      else {
        await sendFile(chat, timeline, prepared);
        cancel();
        void chat.reading.toEnd(peerId);
      }
    } catch (error) {
      problem.value = `${error instanceof DOMException ? explain(error) : explainFile(error)} ${UNSENT}`;
    } finally {
      isSending.current = false;
    }
  };

  const dismiss = () => {
    button.current?.focus();
    problem.value = undefined;
  };
  const said = problem.value ?? (recording?.end.value && ENDED[recording.end.value]);
  if (!canRecord()) return null;
  return (
    <>
      {said !== undefined && (
        <div class="message-bar" role="alert">
          <span>{said}</span>
          {!recording && (
            <button type="button" onClick={dismiss}>
              OK
            </button>
          )}
        </div>
      )}
      {recording && (
        <RecordingBar recording={recording} onCancel={cancel} onSend={isOver ? undefined : () => void send()} />
      )}
      {!recording && !isOver && (
        <button
          ref={button}
          type="button"
          class="round mic"
          aria-label="Record a voice message"
          title="Record a voice message"
          onClick={() => void start()}
        >
          <FileIcon name="mic" />
        </button>
      )}
    </>
  );
}
