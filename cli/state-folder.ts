import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { EXIT } from "./exit-codes.ts";
import { CliError, systemCodeOf } from "./failures.ts";

/** This module looks up the home folder when it is loaded, and throws for a user without one. */
const envPaths = await import("env-paths").then((module) => module.default).catch(() => undefined);

/**
 * The folder of the saved state: `$XDG_CONFIG_HOME/gotalk` or the platform's own place.
 *
 * @throws CliError for a user without a home folder
 */
export function stateFolder(): string {
  const folder = envPaths?.("gotalk", { suffix: "" }).config ?? join(process.env["XDG_CONFIG_HOME"] ?? "", "gotalk");
  // An empty HOME would put the token into the current folder.
  if (isAbsolute(folder)) return folder;
  throw new CliError(EXIT.config, "You have no home folder: set HOME or XDG_CONFIG_HOME to a folder of your own.");
}

/** All permissions of other users. */
const OTHERS = 0o077;

/**
 * Makes the folder. Only the user may read it, since it holds tokens.
 *
 * @throws CliError when it cannot be made
 */
export function makeStateFolder(): string {
  const folder = stateFolder();
  writing(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if ((statSync(folder).mode & OTHERS) !== 0) chmodSync(folder, 0o700);
  });
  return folder;
}

/** Reads a file's JSON. Undefined if there is no such file. */
export function readState(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw unreadable(file, error);
  }
}

export const unreadable = (file: string, cause?: unknown): CliError =>
  new CliError(EXIT.config, `${file} cannot be read. Remove it and log in again.`, { cause });

/**
 * Writes all of a file or nothing, and flushes it. Only its owner may read it.
 *
 * The libraries for this catch signals to remove unfinished files. A process that goes on after a signal would then
 * find its file gone.
 *
 * @throws CliError when it cannot be written; then the file has not changed
 */
export function writeState(file: string, value: unknown): void {
  writeBeside(file, `${JSON.stringify(value)}\n`, (fresh) => renameSync(fresh, file));
}

/** Bytes. The state is never larger. */
const MOST_STATE = 65_536;

/**
 * Checks that state can be saved. Call it before a change that needs saving.
 *
 * @throws CliError when the file cannot be written: the disk is full or read-only, say
 */
export function requireWritable(file: string): void {
  writeBeside(file, " ".repeat(MOST_STATE), (fresh) => rmSync(fresh));
}

function writeBeside(file: string, text: string, finish: (fresh: string) => void): void {
  // Not the process number: two containers that share the folder may have processes of the same number.
  const fresh = `${file}.${randomUUID().slice(0, 8)}.tmp`;
  writing(file, () => {
    try {
      writeFileSync(fresh, text, { mode: 0o600, flush: true });
      finish(fresh);
    } catch (error) {
      rmSync(fresh, { force: true });
      throw error;
    }
  });
}

function writing(file: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(EXIT.io, `${file} cannot be written: ${reason}`, { cause });
  }
}
