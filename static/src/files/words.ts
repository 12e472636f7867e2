import { FileError, ProblemError } from "../../../lib/client/index.ts";
import { duration, explain } from "../chat/explain.ts";

const FAILED: Readonly<Record<string, string>> = {
  file_expired: "This file is no longer on the server. Ask the sender to send it again.",
  file_corrupt: "This file is damaged: it is not what was sent. Ask the sender to send it again.",
  file_changed: "This file could not be read. It may have been moved or deleted. Attach it again.",
  file_too_large: "This file is too large.",
};

/** Why a file cannot be had or sent, in words for people. */
export function explainFile(error: unknown): string {
  if (error instanceof FileError) return FAILED[error.code] ?? error.message;
  if (error instanceof ProblemError && error.code === "too_many_files")
    return `You have sent as many files as you may for now. Files go on in ${duration(error.retryAfter ?? 60)}.`;
  if (error instanceof ProblemError && error.code === "unknown_file") return FAILED["file_expired"] ?? "";
  if (error instanceof ProblemError) return FAILED[error.code] ?? explain(error);
  return explain(error);
}

/** Whether another attempt changes nothing: the file itself is gone or wrong. */
export const isLost = (error: unknown): boolean =>
  error instanceof FileError || (error instanceof ProblemError && error.code === "unknown_file");
