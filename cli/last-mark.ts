import { rmSync } from "node:fs";
import { join } from "node:path";
import { asObject, asText } from "../lib/contract/json.ts";
import { makeStateFolder, readState, writeState } from "./state-folder.ts";

/*
 * Of two edits of a message the one with the greater id counts, and of two reactions of a user as well. An id bears the time
 * of this computer, whose clock may be set back between two commands. So the last id is kept, and the next one comes after it.
 */

const fileOf = (userId: string): string => join(makeStateFolder(), `mark.${userId}.json`);

/** The id of the last edit, reaction or deletion that this user has sent from this computer. */
export const lastMark = (userId: string): string | undefined =>
  asText(asObject(readState(fileOf(userId)))["messageId"]);

/** @throws CliError when it cannot be saved. Call it before the message is sent. */
export const saveMark = (userId: string, messageId: string): void => writeState(fileOf(userId), { messageId });

/** Removes what is kept of a deleted user. */
export const removeMark = (userId: string): void => rmSync(fileOf(userId), { force: true });
