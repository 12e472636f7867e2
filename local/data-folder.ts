import { accessSync, constants, existsSync, lstatSync, mkdirSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";
import { reason, StartError } from "../stack/start-error.ts";

/**
 * Makes the data folder, for its owner only, if it is missing.
 *
 * @throws {StartError} when it cannot be made or written to
 */
export function openDataFolder(path: string): void {
  try {
    makeFolder(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      `The data folder ${path} cannot be written (${reason(error)}). Make it writable, or choose another with GOTALK_DATA.`,
      { cause: error },
    );
  }
}

/** Level by level: Node's own recursive mkdir never ends where the file system takes no folders, such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new StartError(
      `The data folder cannot be made: ${path} is a link to ${readlinkSync(path)}, which is not there. Make that, or choose another folder with GOTALK_DATA.`,
    );
  }
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
