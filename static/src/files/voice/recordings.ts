import { effect, signal, untracked } from "@preact/signals";
import { owner } from "../../chat/session.ts";
import { Recording } from "./recorder.ts";

/**
 * The recordings of this tab that are not sent, by their user and conversation. They outlive the view of their conversation, and a
 * login that has to be repeated, but no logout.
 */
const recordings = signal<ReadonlyMap<string, Recording>>(new Map());

/** The key of a recording. */
export const keyOf = (userId: string, conversationId: string): string => `${userId}/${conversationId}`;

/** What is recorded for a conversation, and not sent. */
export const recordingOf = (key: string): Recording | undefined => recordings.value.get(key);

/** A recording is not stored before it is sent: the browser asks before it closes or reloads a page with one. */
const warn = (event: BeforeUnloadEvent): void => {
  if ([...recordings.value.values()].some(({ phase }) => phase.value !== "asking")) event.preventDefault();
};

/** Makes a recording for a conversation, which has none. */
export function newRecording(key: string): Recording {
  const recording = new Recording();
  recordings.value = new Map(recordings.value).set(key, recording);
  addEventListener("beforeunload", warn);
  return recording;
}

/** Lets go of a recording: it was sent, or nobody wants it. */
export function discard(key: string): void {
  const rest = new Map(recordings.value);
  rest.get(key)?.discard();
  rest.delete(key);
  recordings.value = rest;
  // Pages without this listener go back and forth faster.
  if (rest.size === 0) removeEventListener("beforeunload", warn);
}

/** Stops recording, as the user leaves the conversation. What was recorded stays. */
export function leave(key: string): void {
  const recording = recordings.peek().get(key);
  if (recording?.phase.peek() === "recording") void recording.finish();
  else if (recording?.phase.peek() === "asking") discard(key);
}

effect(() => {
  if (owner.value === undefined) untracked(() => [...recordings.value.keys()].forEach(discard));
});
