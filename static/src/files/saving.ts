import { SAVED_TYPE } from "./reading.ts";

/** Milliseconds until the page lets go of a file: WebKit reads it some time after the click that saves it. */
const SAVED_AFTER = 60_000;

/** Saves a file to the person's disk. It has no type of its own there that a browser would open. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob.slice(0, blob.size, SAVED_TYPE));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), SAVED_AFTER);
}
