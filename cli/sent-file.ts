import { openAsBlob, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { lookup } from "mrmime";
import type { NamedFile } from "../lib/client/index.ts";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";

/**
 * Opens a file that is to be sent. It is read when it is needed, and not kept in memory.
 *
 * @throws CliError when it cannot be read
 */
export async function openFile(path: string): Promise<{ readonly file: Blob } & NamedFile> {
  try {
    // A pipe or a device has no end that is known.
    if (!statSync(path).isFile()) throw new Error("it is not a regular file");
    return { file: await quietly(() => openAsBlob(path)), name: basename(resolve(path)), mediaType: lookup(path) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(EXIT.io, `${path} cannot be read: ${reason}. Nothing was sent.`, { cause });
  }
}

/** Node 20 and 22 warn on stderr that the function is experimental. */
function quietly<T>(work: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
