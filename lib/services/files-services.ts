import { FileStore } from "../files/file-store.ts";
import { FileLimit } from "../rates/file-limit.ts";
import { UserLimit } from "../rates/user-limit.ts";
import type { Foundation } from "./foundation.ts";

/**
 * The parts of the function `files`.
 *
 * @throws {Error} The settings name no store.
 */
export function filesServices({ config, now, accountsTable, database: _, channelsTable: __, ...shared }: Foundation) {
  if (config.fileStore === undefined) throw new Error("the environment variable FILES_URL is missing");
  return {
    ...shared,
    callLimit: new UserLimit(accountsTable, now, config.rates.call),
    fileLimit: new FileLimit(accountsTable, now, config.fileRate),
    fileStore: new FileStore(config.fileStore, now),
    fileBytes: config.fileBytes,
  };
}
