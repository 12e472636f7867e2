import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../stack/start-error.ts";
import type { Tables } from "../stack/tables.ts";
import { startEmbedded, useExternal } from "./database.ts";
import type { Engine } from "./engine.ts";

/** Beside the data: the URL of the engine that has it open, which lets everybody in who has it. */
const fileIn = (folder: string): string => join(folder, "engine");

/** Tells commands of the same person where the running stack's engine is. After a crash the file stays, and is wrong. */
export function announceEngine(folder: string, { endpoint }: Engine): void {
  // A file that is there already would keep its mode.
  withdrawEngine(folder);
  writeFileSync(fileIn(folder), `${endpoint}\n`, { mode: 0o600, flag: "wx" });
}

export function withdrawEngine(folder: string): void {
  rmSync(fileIn(folder), { force: true });
}

/**
 * The local database, for a command that needs it for a moment: its own engine on the files, or that of the stack which
 * has them open. The files' lock tells which, so that a file that a crash left behind misleads nobody.
 *
 * @throws {StartError} when neither can be used
 */
export async function openLocalDatabase(folder: string, tables: Tables): Promise<Engine> {
  try {
    return await startEmbedded(folder, tables);
  } catch (error) {
    const endpoint = announced(folder);
    if (!(error instanceof StartError) || endpoint === undefined) throw error;
    return useExternal(endpoint, tables).catch(() => {
      throw error;
    });
  }
}

function announced(folder: string): string | undefined {
  try {
    return readFileSync(fileIn(folder), "utf8").trim();
  } catch {
    return undefined;
  }
}
