import { FileError, ProblemError } from "../../../../lib/client/index.ts";
import { duration, explain } from "../../chat/explain.ts";
import { type BringRefusal, NotTaken } from "../../history/bringing.ts";
import { HistoryTooLarge } from "../../history/offering.ts";
import { isName } from "../../history/values.ts";
import { counted } from "../../text/counts.ts";

export const NO_OFFER =
  "No history has come from another device yet. Open goTalk on the device that has it, choose “Bring history to another " +
  "device” in the account’s menu, and upload it there. It shows the code then.";

/** The code is of no use without it. */
export const NOTHING_YET =
  "There is nothing yet that this code could open. Upload the history on the other device first.";

export const NO_CODE = "This is not a valid code. It has 25 letters and digits, in groups of five.";

/** The code that was shown is dead. */
export const REPLACED = "Another device of yours has uploaded its history since. The code from here no longer works.";

/** Another code is shown in its place. */
export const RENEWED =
  "Another tab has uploaded the history anew. This is the new code. The earlier one no longer works.";

/** Two tabs do the same. */
export const ELSEWHERE =
  "Another tab of this browser is already doing this. This tab waits until it is done, or is closed.";

/** It was begun here, and another tab has gone on. */
export const ENDED = "Another tab of this browser has gone on with this history. Look there for the result.";

/** Says that a link is not for the user who is logged in. @param owner As the link says. Undefined: it does not say */
export const explainOwner = (owner: string | undefined, username: string): string | undefined =>
  isName(owner) && owner !== username
    ? `This link brings the history of ${owner}, and you are logged in as ${username} here. Log in as ${owner} to bring it.`
    : undefined;

const UNSAFE =
  "Browsers encrypt nothing on a page without https. Open this page by https, or use “Export history” and “Import history”.";

const AGAIN = "Upload it anew on the other device, and enter the new code here.";
const DAMAGED = `This history is damaged. What has come so far stays. ${AGAIN}`;

const REFUSALS: Readonly<Record<BringRefusal, string>> = {
  "wrong code":
    "This code does not open the history that was offered last. Check it, or look at the other device: it may show a newer " +
    "code. Nothing has changed here.",
  newer: "This history is from a newer version of goTalk. Reload the page to get that version, then try again.",
  damaged: DAMAGED,
  "other user": "This is the history of another user.",
};

/** Why nothing can be encrypted here, if so. */
export const whyUnsafe = (): string | undefined => (globalThis.isSecureContext ? undefined : UNSAFE);

/** Whether another attempt changes nothing: what was offered is gone or wrong. A newer page can take what this one cannot. */
export const isUseless = (error: unknown): boolean =>
  error instanceof FileError || (error instanceof NotTaken && error.reason !== "newer");

/** Says why a history could not be brought here. */
export function explainBring(error: unknown): string {
  if (error instanceof NotTaken) return REFUSALS[error.reason];
  if (error instanceof FileError) {
    return error.code === "file_expired"
      ? `This history is no longer on the server, which keeps it for 60 days. What has come so far stays. ${AGAIN}`
      : DAMAGED;
  }
  return `${explain(error)} What has come so far stays. Press “Go on” to bring the rest.`;
}

/** Says what a history has brought. */
export function explainBrought(added: number, changed: number): string {
  const news = [
    ...(added > 0 ? [`${counted(added, "message")} added`] : []),
    ...(changed > 0 ? [`${counted(changed, "message")} brought up to date`] : []),
  ];
  return news.length === 0 ? "The whole history is here already." : `The history is here: ${news.join(", ")}.`;
}

/** Says why the history of this device could not be uploaded. */
export function explainOffer(error: unknown): string {
  if (error instanceof HistoryTooLarge) {
    return "This history is too large to be uploaded. Use “Export history” here and “Import history” on the other device.";
  }
  if (error instanceof ProblemError && error.code === "too_many_files") {
    return (
      "You have uploaded as many files as you may on one day. What is uploaded is kept. " +
      `Press “Go on” in ${duration(error.retryAfter ?? 60)}.`
    );
  }
  if (error instanceof ProblemError && error.code === "file_too_large") {
    return "This server takes no files of this size. Use “Export history” here and “Import history” on the other device.";
  }
  return `${explain(error)} What is uploaded is kept. Press “Go on” to upload the rest.`;
}

/** Says that the work waits for the network, and that nobody has to do anything. */
export const explainOutage = (error: unknown): string => `${explain(error)} It goes on by itself.`;
