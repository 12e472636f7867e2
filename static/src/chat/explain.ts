import { isForeign, NetworkError, type ProblemCode, ProblemError } from "../../../lib/client/index.ts";

/** The API's codes in words for people. The `detail` of all other codes is plain enough. */
const WORDS: Readonly<Record<string, string>> = {
  blocked: "This person has blocked you. Your message was not delivered.",
  channel_full: "Their mailbox is full. Your message will be sent when there is room.",
  device_expired: "This device was removed, or was not used for 30 days. Log in again to go on as a new device.",
  forbidden: "You are not allowed to do this with your account.",
  invalid_credentials: "The username or the password is wrong.",
  message_id_time: "The clock of this device is wrong. Set it, then try again.",
  invalid_invite: "This invite code is unknown, used or expired.",
  registration_closed: "Nobody can register here at the moment.",
  too_large: "This message is too long.",
  too_many_devices:
    "You have reached the device limit. Choose a device to replace with this one: it is logged out at once.",
  unavailable: "The server is busy.",
  unknown_device: "This device is removed already.",
  unknown_group: "You are not in this group any more.",
  unknown_receiver: "This user does not exist any more.",
  unknown_user: "Nobody has this username.",
  username_taken: "This username is taken. Choose another one.",
} satisfies Partial<Record<ProblemCode, string>>;

/** Whether the session has ended. */
export const isExpiry = (error: unknown): boolean => error instanceof ProblemError && error.status === 401;

/** A captive portal or a proxy. */
export const FOREIGN = "Something on this network answers in place of the server.";

/** `12 s`, `3 min`, `5 h`: a time to wait. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${Math.max(1, Math.ceil(seconds))} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

/** Says in plain words what went wrong. */
export function explain(error: unknown): string {
  if (error instanceof NetworkError) return explainNetwork(error);
  if (error instanceof ProblemError) return explainProblem(error);
  if (error instanceof DOMException) return explainStorage(error);
  return "Something unexpected went wrong in this page.";
}

function explainNetwork(error: NetworkError): string {
  if (isForeign(error)) return `${FOREIGN} If the network has a login page, log in there first.`;
  return error.status === undefined ? "The server cannot be reached." : "The server is busy.";
}

function explainProblem({ code, status, detail, fields, retryAfter }: ProblemError): string {
  if (status === 429 && code !== "channel_full") {
    const what = code === "too_many_requests" ? detail.split(".")[0] : "Too many attempts";
    return `${what}. Try again in ${duration(retryAfter ?? 1)}.`;
  }
  if (fields.length > 0) return fields.map((field) => sentence(`${field.field} ${field.detail}`)).join(" ");
  const words = WORDS[code];
  if (words !== undefined) return words;
  return status >= 500 ? "The server has a problem." : detail;
}

function explainStorage({ name }: DOMException): string {
  if (name === "QuotaExceededError") return "The storage of this browser is full. Free some space, then try again.";
  if (name === "InvalidStateError") return "The storage of this page was closed. Reload the page.";
  return "This browser does not let the page store anything.";
}

const sentence = (text: string): string =>
  text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
