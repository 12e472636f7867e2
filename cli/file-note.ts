import type { Message } from "../lib/client/index.ts";
import { keepFile } from "./kept-files.ts";
import type { SavedFile } from "./received-files.ts";

/**
 * What people are told behind the words about a file: where it is, or how to get it. What is needed for that is kept.
 *
 * @param ownId The user's own id.
 * @param saved What has become of the file, if files are saved.
 */
export function fileNoteOf(ownId: string, message: Message, saved?: SavedFile): string {
  if (saved !== undefined) return "path" in saved ? `, saved as ${saved.path}` : ", which cannot be had any more";
  return keepFile(ownId, message) ? `. To save it: gotalk save ${message.messageId}` : "";
}
