import type { FileContent } from "./file-content.ts";
import type { UploadOptions } from "./file-options.ts";
import type { OwnCalls } from "./own-calls.ts";

/** Encrypts a file and uploads it. */
export async function upload(_own: OwnCalls, _file: Blob, _options: UploadOptions): Promise<FileContent> {
  throw new Error("Not built yet");
}
