import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { reason, StartError } from "./start-error.ts";

const KEY_BYTES = 32;
const BASE64URL_OF_32_BYTES = /^[A-Za-z0-9_-]{43}$/;

/**
 * The key that encrypts tokens, kept beside the data it opens. The first start makes it.
 *
 * @returns 32 bytes, base64url
 * @throws {StartError} when the file cannot be read or is no key
 */
export function openTokenKey(folder: string): string {
  const path = join(folder, "token.key");
  const key = read(path) ?? make(path);
  if (!BASE64URL_OF_32_BYTES.test(key)) {
    throw new StartError(
      `The token key ${path} is not 32 bytes in base64url. Put the right one back, or delete it: a new one is made, and everyone has to log in again.`,
    );
  }
  return key;
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
    const file = openSync(aside, "w", 0o600);
    writeSync(file, `${key}\n`);
    fsyncSync(file);
    closeSync(file);
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
