import { CommanderError } from "commander";
import {
  type FieldProblem,
  FileError,
  isForeign,
  isUncertain,
  type ListedDevice,
  NetworkError,
  type ProblemCode,
  ProblemError,
} from "../lib/client/index.ts";
import { deviceLine } from "./device-text.ts";
import { EXIT } from "./exit-codes.ts";
import { printError } from "./output.ts";

/** A failure with its exit code. `message` is printed, and says what to do. */
export class CliError extends Error {
  override readonly name: string = "CliError";
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

const LOG_IN = "Log in first: gotalk login NAME";

export const notLoggedIn = (): CliError => new CliError(EXIT.noPermission, `Nobody is logged in. ${LOG_IN}`);

/** The exit codes of problems whose status is not enough. */
const CODES: Readonly<Record<string, number>> = {
  unknown_user: EXIT.noUser,
  unknown_receiver: EXIT.noUser,
  unknown_group: EXIT.noUser,
  unknown_device: EXIT.usage,
  too_large: EXIT.data,
  file_too_large: EXIT.data,
} satisfies Partial<Record<ProblemCode, number>>;

const STATUSES: Readonly<Record<number, number>> = {
  401: EXIT.noPermission,
  403: EXIT.noPermission,
  408: EXIT.tryLater,
  429: EXIT.tryLater,
};

function exitCodeOfProblem({ status, code, fields }: ProblemError): number {
  // A text breaks a rule: that of the message, or a name, an id or a password.
  if (fields.length > 0) return fields.some(({ field }) => field === "content") ? EXIT.data : EXIT.usage;
  const known = CODES[code] ?? STATUSES[status];
  return known ?? (status >= 500 ? EXIT.tryLater : EXIT.failure);
}

/** The code of a failed system call. */
export const systemCodeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** If a gateway answers "not now", the server counts as busy. */
const exitCodeOfFault = (fault: NetworkError): number =>
  fault.status === undefined || isForeign(fault) ? EXIT.unavailable : EXIT.tryLater;

export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof FileError) return error.code === "file_changed" ? EXIT.io : EXIT.data;
  if (error instanceof ProblemError) return exitCodeOfProblem(error);
  if (error instanceof NetworkError) return exitCodeOfFault(error);
  // It exits with 0 for --help and --version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (systemCodeOf(error) === "EPIPE") return EXIT.brokenPipe;
  return systemCodeOf(error) === undefined ? EXIT.failure : EXIT.io;
}

/** A message that may not have been sent. */
interface Unsent {
  /** The arguments of a command that sends it under its id. */
  readonly sendAgain: string;
  /** Whether the user gave the id, and may have tried it before. */
  readonly isIdGiven: boolean;
}

/** Says what to do about a failed message that may have arrived. Undefined if it has not arrived. */
export function remedyOf(error: unknown, { sendAgain, isIdGiven }: Unsent): string | undefined {
  if (error instanceof ProblemError && error.code === "message_id_time") {
    return isIdGiven
      ? "If it was sent before, it is not known whether it arrived. To send it as a new message, leave the id out."
      : "An attempt before this one may have arrived. If you send it again, it is a new message.";
  }
  return isUncertain(error) ? `It may have arrived. Send it again with ${sendAgain}: it arrives once.` : undefined;
}

/** The hint for a change that a repeat does not make twice. */
export const REPEATABLE = "The change may have been made. Repeating the command is safe.";

/**
 * Waits for a change. If its outcome is not known, prints a hint.
 *
 * @param hint what may have happened, and what to do
 * @throws what `change` throws
 */
export async function withHint<T>(change: Promise<T>, hint: string): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (isUncertain(error)) printError(hint);
    throw error;
  }
}

/** Waits for a change that needs the password of the user who is logged in. The server says the same as at a login. */
export async function withCurrentPassword<T>(change: Promise<T>): Promise<T> {
  return change.catch((error: unknown) => {
    if (!(error instanceof ProblemError && error.code === "invalid_credentials")) throw error;
    throw new CliError(EXIT.noPermission, "The current password is wrong. Nothing was changed.", { cause: error });
  });
}

/** The text for a failure. Undefined if there is nothing to print, or commander has printed it. */
export function explain(error: unknown): string | undefined {
  if (error instanceof CommanderError || systemCodeOf(error) === "EPIPE") return undefined;
  if (error instanceof ProblemError) return explainProblem(error);
  if (error instanceof NetworkError) return explainFault(error);
  return error instanceof Error ? error.message : String(error);
}

/** Where the server names routes of the API. */
const WORDS: Readonly<Record<string, string>> = {
  unknown_device: "You have no such device: gotalk devices lists those that you have.",
  unknown_group: "You are not in this group: gotalk group list lists those that you are in.",
  message_id_time: "The time in the message's id is too far from the server's time. This attempt stored nothing.",
  not_an_admin: "Only an admin of the group may do this: gotalk group show lists the admins.",
} satisfies Partial<Record<ProblemCode, string>>;

export const NO_SUCH_SESSION = "You have no such session: gotalk sessions lists those that you have.";

/** The subject of what the server says about a field. */
const FIELDS: Readonly<Record<string, string>> = {
  code: "The code",
  content: "The message",
  deviceName: "The name of the device",
  inviteCode: "The invite code",
  members: "The members",
  messageId: "The message's id",
  name: "The group's name",
  newPassword: "The new password",
  password: "The password",
  replaceDeviceId: "The device's id",
  username: "The username",
};

function explainField({ field, detail }: FieldProblem): string {
  // It names a route of the API.
  if (field === "sessionId") return NO_SUCH_SESSION;
  const sentence = `${FIELDS[field] ?? field} ${detail}`;
  // Not behind a list of signs, where it would be one of them.
  return /[\p{L}\p{N})]$/u.test(sentence) ? `${sentence}.` : sentence;
}

function explainProblem({ code, detail, devices, fields, requestId, status }: ProblemError): string {
  if (code === "invalid_token") return `The session has ended. ${LOG_IN}`;
  if (code === "device_expired") return `The device was removed, or not used for 30 days. ${LOG_IN}`;
  const words = WORDS[code];
  if (words !== undefined) return words;
  if (devices.length > 0) return tooManyDevices(devices);
  if (code === "not_logged_in") return notLoggedIn().message;
  const told = fields.length > 0 ? fields.map(explainField).join(" ") : detail;
  const reference = status >= 500 && requestId !== undefined ? ` (request ${requestId})` : "";
  return `${told || `The server answered HTTP ${status}.`}${reference}`;
}

const tooManyDevices = (devices: readonly ListedDevice[]): string =>
  [
    `You have ${devices.length} devices, and may have no more:`,
    ...devices.map(deviceLine),
    "Log in again with the id of one that may go: gotalk login --replace ID NAME",
  ].join("\n");

/** The text for an answer that did not come, or came from something else. */
const explainFault = ({ status, message, cause }: NetworkError): string =>
  status === undefined ? `No answer from the server${reasonOf(cause)}.${hintAt(cause)}` : message;

/** The innermost cause: "fetch failed" alone explains nothing. */
const innermost = (cause: unknown): unknown =>
  cause instanceof Error && cause.cause !== undefined ? innermost(cause.cause) : cause;

function reasonOf(cause: unknown): string {
  const reason = innermost(cause);
  const text = reason instanceof Error ? reason.message || systemCodeOf(reason) : undefined;
  return text ? ` (${text})` : "";
}

/** OpenSSL's names for a certificate of an unknown authority. */
const UNKNOWN_AUTHORITY = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Node does not read the system's list of authorities, so it may refuse a certificate that curl accepts. */
function hintAt(cause: unknown): string {
  if (!UNKNOWN_AUTHORITY.has(systemCodeOf(innermost(cause)) ?? "")) return "";
  return " If an authority of your own issued the certificate, name the file of that authority in NODE_EXTRA_CA_CERTS.";
}
