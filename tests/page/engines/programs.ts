import { accessSync, constants, globSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The first of these programs that is installed: names are looked for in PATH, paths may have a `*`. */
export function program(...names: readonly string[]): string | undefined {
  return names.flatMap((name) => (name.includes("/") ? globSync(name) : inPath(name))).find(canRun);
}

const inPath = (name: string): string[] =>
  (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name));

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
