/**
 * What the process says to whoever started it. From 64 on they are those of sysexits.h, so that a script can tell "try
 * again later" (69, 75) from "do something first".
 */
export const EXIT = {
  /** Whatever has no code of its own. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** What should be sent is too long, empty or not UTF-8. */
  data: 65,
  /** Nobody has that name. */
  noUser: 67,
  /** The server cannot be reached, or something else answers in its place. */
  unavailable: 69,
  /** Output or state cannot be written. */
  io: 74,
  /** Not now: the server is busy or slows us down, or the command of `--exec` failed. */
  tryLater: 75,
  /** Not logged in, or not allowed. */
  noPermission: 77,
  /** A saved file cannot be read. */
  config: 78,
  /** Whoever read our output is gone: what a shell reports of a process that SIGPIPE ended. */
  brokenPipe: 141,
} as const;
