/**
 * Why a file cannot be had or sent, for good:
 * - `file_expired`: it is no longer stored
 * - `file_corrupt`: what is stored is not what the sender has sent
 * - `file_changed`: the file on the disk has changed while it was uploaded, or can no longer be read
 */
export type FileErrorCode = "file_expired" | "file_corrupt" | "file_changed";

const WORDS: Readonly<Record<FileErrorCode, string>> = {
  file_expired: "The file is no longer stored. Ask the sender to send it again.",
  file_corrupt: "The file is damaged: it is not what the sender has sent. Ask the sender to send it again.",
  file_changed: "The file could not be read to its end, or has changed meanwhile. Choose it again.",
};

/** A file cannot be had or sent. A repeat of the call changes nothing. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode, options?: ErrorOptions) {
    super(WORDS[code], options);
    this.code = code;
  }
}
