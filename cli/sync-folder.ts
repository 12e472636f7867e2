import { closeSync, fsyncSync, openSync } from "node:fs";

/** Lets the names in a folder survive a power failure. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
