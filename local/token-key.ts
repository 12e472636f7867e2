import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readRing, rotated, writeRing } from "../lib/tokens/key-ring.ts";
import { reason, StartError } from "../stack/start-error.ts";

const KEY_BYTES = 32;
const pathIn = (folder: string): string => join(folder, "token.key");

/**
 * The keys that tokens are encrypted with, kept beside the data that they open. The first start makes one.
 *
 * @returns a line for each: 32 bytes in base64url, and before it a newer one's name and time
 * @throws {StartError} when the file cannot be read or is no key
 */
export function openTokenKey(folder: string): string {
  const path = pathIn(folder);
  const key = read(path) ?? make(path);
  if (!readRing(key)) {
    throw new StartError(
      `The token key ${path} is not 32 bytes in base64url. Put the right one back, or delete it: a new one is made, and everyone has to log in again.`,
    );
  }
  return key;
}

/**
 * Adds a new key, which the next start uses. Tokens of the older ones stay valid.
 *
 * @throws {StartError} when the file cannot be read or written, or is no key
 */
export function rotateTokenKey(folder: string, now: number): void {
  const path = pathIn(folder);
  const ring = readRing(openTokenKey(folder)) ?? [];
  const aside = `${path}.${process.pid}`;
  try {
    writeAside(aside, writeRing(rotated(ring, now, now)));
    renameSync(aside, path);
  } catch (error) {
    throw new StartError(`The token key ${path} cannot be written (${reason(error)}). Make the folder writable.`, {
      cause: error,
    });
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (reason(error) === "ENOENT") return undefined;
    throw new StartError(`The token key ${path} cannot be read (${reason(error)}). Make it readable, or delete it.`, {
      cause: error,
    });
  }
}

/** Written aside and linked, so that the file is whole or absent at any moment, and of two starts only one makes it. */
function make(path: string): string {
  const aside = `${path}.${process.pid}`;
  const key = randomBytes(KEY_BYTES).toString("base64url");
  try {
    writeAside(aside, key);
    linkSync(aside, path);
    return key;
  } catch (error) {
    const others = reason(error) === "EEXIST" ? read(path) : undefined;
    if (others !== undefined) return others;
    throw new StartError(`The token key ${path} cannot be made (${reason(error)}). Make the folder writable.`, {
      cause: error,
    });
  } finally {
    rmSync(aside, { force: true });
  }
}

function writeAside(path: string, text: string): void {
  const file = openSync(path, "w", 0o600);
  writeSync(file, `${text}\n`);
  fsyncSync(file);
  closeSync(file);
}
