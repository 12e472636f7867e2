import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type FileContent, type Message, readFileContent } from "../lib/client/index.ts";
import { asObject, asText } from "../lib/contract/json.ts";
import { LIMITS } from "../lib/contract/limits.ts";
import { makeStateFolder, readState, writeState } from "./state-folder.ts";

/*
 * A message is handed out once, and with it the key of its file. So what `receive` and `chat` show of a file without saving it
 * is kept here, for `gotalk save`: as long as the file itself is.
 */

const prefixOf = (userId: string): string => `file.${userId}.`;

/** The server makes ids without special characters. Another server might not. */
const nameOf = (userId: string, { messageId, senderId }: Pick<Message, "messageId" | "senderId">): string =>
  `${prefixOf(userId)}${[messageId, senderId].map((id) => id.replaceAll(/[^A-Za-z0-9_-]/g, "_")).join(".")}.json`;

/**
 * Keeps what is needed to fetch the file of a message, or removes it when its sender has deleted the message.
 *
 * @returns whether a file is kept
 */
export function keepFile(userId: string, message: Message): boolean {
  const folder = makeStateFolder();
  if (message.type === "deletion") {
    rmSync(join(folder, nameOf(userId, { ...message, messageId: message.about })), { force: true });
    return false;
  }
  if (message.type !== "file" || readFileContent(message.content) === undefined) return false;
  for (const file of filesOf(folder, userId)) if (isOver(file)) rmSync(file, { force: true });
  writeState(join(folder, nameOf(userId, message)), { content: message.content });
  return true;
}

/** The files of the messages with this id. Two senders may use the same one. */
export function keptFiles(userId: string, messageId: string): readonly FileContent[] {
  return filesOf(makeStateFolder(), userId, messageId)
    .map((file) => readFileContent(asText(asObject(readState(file))["content"]) ?? ""))
    .filter((content) => content !== undefined);
}

/** Removes what is kept for a deleted user. */
export function removeKeptFiles(userId: string): void {
  for (const file of filesOf(makeStateFolder(), userId)) rmSync(file, { force: true });
}

const filesOf = (folder: string, userId: string, messageId = ""): string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(`${prefixOf(userId)}${messageId}`) && name.endsWith(".json"))
    .map((name) => join(folder, name));

/** Whether the store has deleted the file. */
const isOver = (file: string): boolean =>
  Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > LIMITS.files.kept;
