/**
 * The exit codes of the process. Codes from 64 to 78 are those of sysexits.h, so that a script can tell "try again
 * later" (69, 75) from "do something first".
 */
export const EXIT = {
  /** All other failures. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The message is too long, blank or not UTF-8. A file is too large, damaged or no longer stored. */
  data: 65,
  /** There is no such user, or the user is in no such group. */
  noUser: 67,
  /** The server cannot be reached, or something else answers for it. */
  unavailable: 69,
  /** Output or state cannot be written. */
  io: 74,
  /** Try again later: the server is busy, a rate limit is reached, or the command of `--exec` failed. */
  tryLater: 75,
  /** Not logged in, or not allowed. */
  noPermission: 77,
  /** A saved file cannot be read. */
  config: 78,
  /** The reader of the output is gone. A shell reports this code for a process that SIGPIPE has ended. */
  brokenPipe: 141,
} as const;
