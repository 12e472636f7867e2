import type { FileContent } from "./file-content.ts";
import type { TransferOptions } from "./file-options.ts";
import type { OwnCalls } from "./own-calls.ts";

/** Fetches a file, checks and decrypts it. */
export async function download(_own: OwnCalls, _file: FileContent, _options: TransferOptions): Promise<Blob> {
  throw new Error("Not built yet");
}
