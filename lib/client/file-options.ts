import type { FileDetails } from "./file-content.ts";
import type { CallOptions, Outgoing } from "./options.ts";

/**
 * Called as a file's bytes pass, also when nothing is left to pass. Both are bytes of what is stored, which is a little longer
 * than the file. `done` goes back when an attempt is repeated.
 */
export type OnProgress = (done: number, total: number) => void;

/** Options of the calls that move a file. */
export interface TransferOptions extends CallOptions {
  readonly onProgress?: OnProgress | undefined;
}

/** What is said about a file. Default of `mediaType`: the type of the `Blob`. */
export interface NamedFile extends Omit<FileDetails, "mediaType"> {
  readonly mediaType?: string | undefined;
}

/** Options of `uploadFile`. */
export interface UploadOptions extends TransferOptions, NamedFile {}

/** A file to be sent. */
export interface OutgoingFile extends Omit<Outgoing, "content" | "type">, UploadOptions {
  /** From the disk in Node: `fs.openAsBlob(path)`. */
  readonly file: Blob;
}
