import { randomUUID } from "node:crypto";
import { closeSync, constants, mkdirSync, openSync, rmSync } from "node:fs";
import { copyFile, link, open, readFile, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { EXIT } from "./exit-codes.ts";
import { CliError, systemCodeOf } from "./failures.ts";
import { numbered, safeName } from "./safe-name.ts";
import { syncFolder } from "./sync-folder.ts";

/** So many files of one name. */
const MOST_OF_A_NAME = 10_000;

/** A folder in which files of others are saved, each under a name of its own. */
export class FileFolder {
  readonly path: string;

  /** Makes the folder if there is none. @throws CliError when nothing can be written there */
  constructor(path: string) {
    this.path = resolve(path);
    try {
      mkdirSync(this.path, { recursive: true });
      const probe = this.#newPart();
      closeSync(openSync(probe, "wx", 0o600));
      rmSync(probe);
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  /**
   * Saves a file under a safe name that nothing else has. It is on the disk when this resolves.
   *
   * @param isRepeat It may have been saved before: then a file of that name with the same content is taken for it.
   * @returns its path
   * @throws CliError when it cannot be written. Then nothing is left of it
   */
  async save(name: string, file: Blob, isRepeat = false): Promise<string> {
    const part = this.#newPart();
    try {
      await writeSafely(part, file);
      const path = await this.#place(part, safeName(name), isRepeat ? file : undefined);
      syncFolder(this.path);
      return path;
    } catch (error) {
      throw this.#unwritable(error);
    } finally {
      await rm(part, { force: true });
    }
  }

  async #place(part: string, name: string, earlier: Blob | undefined): Promise<string> {
    for (let number = 0; number < MOST_OF_A_NAME; number++) {
      const path = join(this.path, numbered(name, number));
      if (await isPlaced(part, path)) return path;
      if (earlier !== undefined && (await hasContent(path, earlier))) return path;
    }
    throw new Error(`there are ${MOST_OF_A_NAME} files "${name}"`);
  }

  /** Hidden, and no name that a file may get. */
  #newPart(): string {
    return join(this.path, `.gotalk-${randomUUID()}.part`);
  }

  #unwritable(cause: unknown): CliError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const text = `No file can be saved in ${this.path}: ${reason}. Nothing is lost: the messages stay on the server.`;
    return new CliError(EXIT.io, text, { cause });
  }
}

async function writeSafely(path: string, file: Blob): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(file.stream());
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives a file a name that nothing has, in one step. @returns false when something has it */
async function isPlaced(part: string, path: string): Promise<boolean> {
  try {
    await link(part, path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return false;
  }
  // A file system without links, such as that of a memory card.
  return isCopied(part, path);
}

async function isCopied(part: string, path: string): Promise<boolean> {
  try {
    await copyFile(part, path, constants.COPYFILE_EXCL);
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return false;
    throw error;
  }
  const copy = await open(path, "r+");
  try {
    await copy.sync();
  } finally {
    await copy.close();
  }
  return true;
}

async function hasContent(path: string, file: Blob): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size !== file.size) return false;
  return (await readFile(path)).equals(Buffer.from(await file.arrayBuffer()));
}
