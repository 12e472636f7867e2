import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { EXIT } from "./exit-codes.ts";
import { CliError, systemCodeOf } from "./failures.ts";

/** It looks up the home folder when it is loaded, and throws for a user who has none. */
const envPaths = await import("env-paths").then((module) => module.default).catch(() => undefined);

/**
 * Where the state is: `$XDG_CONFIG_HOME/gotalk` or what the platform has for it.
 *
 * @throws CliError for a user without a home folder
 */
export function stateFolder(): string {
  const folder = envPaths?.("gotalk", { suffix: "" }).config ?? join(process.env["XDG_CONFIG_HOME"] ?? "", "gotalk");
  // An empty HOME would put the token where one happens to be.
  if (isAbsolute(folder)) return folder;
  throw new CliError(EXIT.config, "You have no home folder: set HOME or XDG_CONFIG_HOME to a folder of your own.");
}

/** Whatever others may do with a file. */
const OTHERS = 0o077;

/**
 * Makes the folder. It is the user's alone, as tokens lie in it.
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

/** A file's JSON; undefined when there is no such file. */
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
 * Writes all of a file or nothing, and onto the disk. Only its owner may read it.
 *
 * The libraries for this catch signals to remove what they had begun to write, and a process that goes on after a signal
 * then finds its file gone.
 *
 * @throws CliError when it cannot be written; the file is what it was before
 */
export function writeState(file: string, value: unknown): void {
  writeBeside(file, `${JSON.stringify(value)}\n`, (fresh) => renameSync(fresh, file));
}

/** Bytes of more state than there ever is. */
const MOST_STATE = 65_536;

/**
 * To be called before anything is done that could not be saved.
 *
 * @throws CliError when the file cannot be written, as the disk is full or read-only, say
 */
export function requireWritable(file: string): void {
  writeBeside(file, " ".repeat(MOST_STATE), (fresh) => rmSync(fresh));
}

function writeBeside(file: string, text: string, finish: (fresh: string) => void): void {
  // Not the process number: processes of two containers that share the folder may have the same one.
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
