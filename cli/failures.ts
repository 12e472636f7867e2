import { CommanderError } from "commander";
import { isForeign, isUncertain, NetworkError, type ProblemCode, ProblemError } from "../lib/client/index.ts";
import { EXIT } from "./exit-codes.ts";
import { printError } from "./output.ts";

/** A failure with its exit code. `message` is shown as it is, and says what to do. */
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

/** The exit code of the problems that are not told by their status. */
const CODES: Readonly<Record<string, number>> = {
  unknown_user: EXIT.noUser,
  unknown_receiver: EXIT.noUser,
  too_large: EXIT.data,
} satisfies Partial<Record<ProblemCode, number>>;

const STATUSES: Readonly<Record<number, number>> = {
  401: EXIT.noPermission,
  403: EXIT.noPermission,
  408: EXIT.tryLater,
  429: EXIT.tryLater,
};

function exitCodeOfProblem({ status, code, fields }: ProblemError): number {
  // The text of the message breaks a rule.
  if (fields.some(({ field }) => field === "content")) return EXIT.data;
  const known = CODES[code] ?? STATUSES[status];
  return known ?? (status >= 500 ? EXIT.tryLater : EXIT.failure);
}

/** What of a system call's failure counts: its code. */
export const systemCodeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** A gateway that answers "not now" stands for a server that is busy. */
const exitCodeOfFault = (fault: NetworkError): number =>
  fault.status === undefined || isForeign(fault) ? EXIT.unavailable : EXIT.tryLater;

export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof ProblemError) return exitCodeOfProblem(error);
  if (error instanceof NetworkError) return exitCodeOfFault(error);
  // It exits with 0 for --help and --version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (systemCodeOf(error) === "EPIPE") return EXIT.brokenPipe;
  return systemCodeOf(error) === undefined ? EXIT.failure : EXIT.io;
}

/** A message that was not sent for sure. */
interface Unsent {
  /** The words of a command that send it under its id. */
  readonly sendAgain: string;
  /** Whether the user gave the id, and may have tried it before. */
  readonly isIdGiven: boolean;
}

/** What to do about a message that may have arrived although it failed; undefined where it has not arrived. */
export function remedyOf(error: unknown, { sendAgain, isIdGiven }: Unsent): string | undefined {
  if (error instanceof ProblemError && error.code === "message_id_time") {
    return isIdGiven
      ? "If it was sent before, nobody knows whether it arrived. To send it as a new message, leave the id out."
      : "An attempt before this one may have arrived. If you send it again, it is a new message.";
  }
  return isUncertain(error)
    ? `It may have arrived all the same. Send it once more with ${sendAgain}, and it arrives once.`
    : undefined;
}

/**
 * Makes a change, and says of one whose outcome is not known how to find out.
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

/** What is printed of a failure; undefined when nothing is to be said, or commander has said it. */
export function explain(error: unknown): string | undefined {
  if (error instanceof CommanderError || systemCodeOf(error) === "EPIPE") return undefined;
  if (error instanceof ProblemError) return explainProblem(error);
  if (error instanceof NetworkError) return `${error.message}${reasonOf(error.cause)}${hintAt(error.cause)}`;
  return error instanceof Error ? error.message : String(error);
}

function explainProblem({ code, detail, fields, requestId, status }: ProblemError): string {
  if (code === "invalid_token") return `The session has ended. ${LOG_IN}`;
  if (code === "not_logged_in") return notLoggedIn().message;
  const told = fields.length > 0 ? fields.map(({ field, detail: what }) => `${field} ${what}`).join("; ") : detail;
  const reference = status >= 500 && requestId !== undefined ? ` (request ${requestId})` : "";
  return `${told || `The server answered HTTP ${status}.`}${reference}`;
}

/** The innermost cause: "fetch failed" alone tells nobody anything. */
const innermost = (cause: unknown): unknown =>
  cause instanceof Error && cause.cause !== undefined ? innermost(cause.cause) : cause;

function reasonOf(cause: unknown): string {
  const reason = innermost(cause);
  const text = reason instanceof Error ? reason.message || systemCodeOf(reason) : undefined;
  return text ? ` (${text})` : "";
}

/** OpenSSL's names for a certificate whose authority nobody here vouches for. */
const UNKNOWN_AUTHORITY = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Node does not read the system's list of authorities, so what curl takes may be refused here. */
function hintAt(cause: unknown): string {
  if (!UNKNOWN_AUTHORITY.has(systemCodeOf(innermost(cause)) ?? "")) return "";
  return " If an authority of your own issued the certificate, name the file of that authority in NODE_EXTRA_CA_CERTS.";
}
