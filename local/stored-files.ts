import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { FILE_ID } from "../lib/contract/files.ts";
import { LIMITS } from "../lib/contract/limits.ts";
import { reason, StartError } from "../stack/start-error.ts";

/** A file that is open for reading. The caller closes it. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly bytes: number;
  readonly storedAt: Date;
}

/** SHA-256 of what was written, in hexadecimal. */
type IsRight = (sha256: string) => void;

/**
 * The files of the local store: each lies in the data folder under its id, and goes when `LIMITS.files.kept` has passed. A file is
 * whole or absent at any moment, also after a power failure: it is written aside, synced and renamed.
 */
export class StoredFiles {
  readonly #folder: string;
  readonly #unfinished: string;

  /**
   * Removes what an earlier run has not finished.
   *
   * @throws {StartError} when the folder cannot be made or written to
   */
  constructor(folder: string) {
    this.#folder = folder;
    this.#unfinished = join(folder, "unfinished");
    try {
      rmSync(this.#unfinished, { recursive: true, force: true });
      mkdirSync(this.#unfinished, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new StartError(`The folder ${folder} cannot be written (${reason(error)}). Make it writable.`, {
        cause: error,
      });
    }
  }

  /**
   * Stores a file, part by part as it comes. It lies safely on the disk when this ends; it is not there when this throws.
   *
   * @param isRight Throws if what came is not what was announced.
   */
  async put(id: string, body: AsyncIterable<Buffer>, isRight: IsRight): Promise<void> {
    const aside = join(this.#unfinished, randomUUID());
    try {
      isRight(await writeTo(aside, body));
      await rename(aside, this.#pathOf(id));
      await syncFolder(this.#folder);
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
  }

  /** @returns Nothing if there is no such file, or its time has passed. */
  async open(id: string, now: number): Promise<OpenFile | undefined> {
    const handle = await open(this.#pathOf(id)).catch((error: unknown) => {
      if (reason(error) === "ENOENT") return undefined;
      throw error;
    });
    if (handle === undefined) return undefined;
    const { size, mtime } = await handle.stat();
    if (!isExpired(mtime, now)) return { handle, bytes: size, storedAt: mtime };
    await handle.close();
    return undefined;
  }

  /** Removes the files whose time has passed, as the bucket's lifecycle rule does. */
  async removeExpired(now: number): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!FILE_ID.test(name)) continue;
      const found = await stat(this.#pathOf(name)).catch(() => undefined);
      if (found && isExpired(found.mtime, now)) await rm(this.#pathOf(name), { force: true });
    }
  }

  #pathOf(id: string): string {
    if (!FILE_ID.test(id)) throw new Error("this is no file's id");
    return join(this.#folder, id);
  }
}

const isExpired = (storedAt: Date, now: number): boolean => now - storedAt.getTime() >= LIMITS.files.kept;

async function writeTo(path: string, body: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(path, "wx", 0o600);
  try {
    for await (const part of body) {
      // The disk writes while this thread hashes.
      const written = file.appendFile(part);
      hash.update(part);
      await written;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

/** A rename lasts once its folder is synced. Some systems sync no folders. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
