import { type End, LONGEST } from "./recorder.ts";

const MINUTES = LONGEST / 60;

/** What is said when a recording begins. */
export const ABOUT = `Recording. It ends by itself after ${MINUTES} minutes. Escape cancels it.`;

const REASONS: Readonly<Record<string, string>> = {
  NotAllowedError:
    "goTalk may not use the microphone. Allow it for this site beside the address, and in the system’s settings for the browser, and try again.",
  NotFoundError: "No microphone was found. Connect one, and try again.",
  NotReadableError: "The microphone cannot be used. Another program may be using it: close that, and try again.",
};

/** Why the microphone cannot be used, and what to do. */
export function explainMicrophone(error: unknown): string {
  // Browsers have it on safe pages only.
  if (navigator.mediaDevices === undefined)
    return "Browsers let only pages that come by https:// use the microphone. Open goTalk by such an address.";
  const reason = error instanceof DOMException ? REASONS[error.name] : undefined;
  return reason ?? "This browser cannot record now. Try again, or attach a sound that was recorded elsewhere.";
}

/** Why a recording has ended by itself, and what to do. */
export const ENDED: Readonly<Record<End, string>> = {
  longest: `A voice message has at most ${MINUTES} minutes. Send this one, and go on in another.`,
  lost: "The microphone is gone. What was recorded until then is here: send it, or cancel it.",
};

/** It is shorter than a voice message may be. */
export const SHORT = "That was too short, and is not sent. Speak for a second at least.";

/** There is no sound in it. */
export const EMPTY = "Nothing was recorded. Cancel this, and try again.";

/** It could not be stored. */
export const UNSENT = "It is not sent, and still here.";
