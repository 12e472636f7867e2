import {
  FileError,
  type FileErrorCode,
  type FileMessage,
  isPassing,
  longestBackoff,
  readFileContent,
  retrying,
} from "../lib/client/index.ts";
import type { Context } from "./context.ts";
import type { FileFolder } from "./file-folder.ts";
import { printError } from "./output.ts";
import { fileNameOf } from "./quotes.ts";

/** What has become of a message's file: it is saved there, or cannot be had any more. */
export type SavedFile = { readonly path: string } | { readonly error: FileErrorCode };

/** Between attempts, in milliseconds. The client itself has tried for some seconds before each. */
const GROWTH = { base: 1_000, max: 60_000 };

interface Parts extends Pick<Context, "client" | "onRetry"> {
  readonly folder: FileFolder;
  /** Whether an attempt that failed is repeated without an end. */
  readonly waits: boolean;
  /** Aborted when the process is to end. */
  readonly signal: AbortSignal;
}

/** Saves the files of messages in a folder. */
export class ReceivedFiles {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Fetches and saves the file of a message. It is on the disk when this resolves. A file that cannot be had for good is reported.
   *
   * @returns undefined when the process is to end
   * @throws CliError when it cannot be written
   * @throws ProblemError, NetworkError when it cannot be fetched now, and this process does not wait
   */
  async save(message: FileMessage): Promise<SavedFile | undefined> {
    const { folder, signal } = this.#parts;
    try {
      const content = readFileContent(message.content);
      if (content === undefined) throw new FileError("file_corrupt");
      return { path: await folder.save(content.name, await this.#fetch(content), message.redelivered) };
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof FileError)) throw error;
      const { messageId, senderName, content } = message;
      printError(
        `Message ${messageId} of ${senderName} brings ${fileNameOf(content)}, without the file. ${error.message}`,
      );
      return { error: error.code };
    }
  }

  #fetch(content: Parameters<Context["client"]["fetchFile"]>[0]): Promise<Blob> {
    const { client, onRetry, signal, waits } = this.#parts;
    return retrying(() => client.fetchFile(content, { signal, onRetry }), {
      policy: {
        waitAfter: ({ error, earlier }) =>
          waits && isPassing(error) ? { asked: 0, backoff: longestBackoff(earlier, GROWTH) } : undefined,
      },
      signal,
      onRetry: (error, delay) => isPassing(error) && onRetry(error, delay),
    });
  }
}
