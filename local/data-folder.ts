import { accessSync, constants, mkdirSync } from "node:fs";
import { reason, StartError } from "./start-error.ts";

/**
 * Makes the data folder, for its owner only, if it is missing.
 *
 * @throws {StartError} when it cannot be made or written to
 */
export function openDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(
      `The data folder ${path} cannot be written (${reason(error)}). Make it writable, or choose another with GOTALK_DATA.`,
      { cause: error },
    );
  }
}
