import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "./at-end.ts";

/** Makes an empty folder that is removed when the test process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gotalk-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }), "folders");
  return folder;
}
