import type { Message } from "../lib/client/index.ts";
import type { SavedFile } from "./received-files.ts";
import { jsonLine } from "./text.ts";

/** A message as a line of JSON, with what has become of its file: `savedAs`, a path, or `fileError`, a code. */
export function messageJson(message: Message, saved: SavedFile | undefined): string {
  if (saved === undefined) return jsonLine(message);
  return jsonLine({ ...message, ...("path" in saved ? { savedAs: saved.path } : { fileError: saved.error }) });
}
