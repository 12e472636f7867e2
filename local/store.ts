import { mkdirSync } from "node:fs";
import { Level } from "level";
import { reason, StartError } from "../stack/start-error.ts";

/** What dynalite writes about a table, at the key `table~NAME`. */
interface TableRecord {
  TableStatus: string;
}

/**
 * Opens the embedded database's files once, before the engine does: the engine itself reports a file that it cannot
 * open at the first request only, and by crashing.
 *
 * It also mends the one thing that a kill can leave half done: dynalite makes a table in two writes, and a table whose
 * second write is missing stays in `CREATING` for good. No item can be in it yet.
 *
 * @throws {StartError} when another process has the files open, or when they are damaged
 */
export async function checkStore(path: string, tableNames: readonly string[]): Promise<void> {
  const store = new Level<string, TableRecord>(path, { valueEncoding: "json" });
  try {
    // The folder around it may be somebody's own, and open to all.
    mkdirSync(path, { recursive: true, mode: 0o700 });
    await store.open();
    for (const name of tableNames) await finishTable(store, `table~${name}`);
    await store.close();
  } catch (error) {
    await store.close();
    throw explain(path, error);
  }
}

async function finishTable(store: Level<string, TableRecord>, key: string): Promise<void> {
  const table = await store.get(key);
  if (table?.TableStatus !== "CREATING") return;
  await store.put(key, { ...table, TableStatus: "ACTIVE" });
}

function explain(path: string, error: unknown): StartError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (reason(cause) === "LEVEL_LOCKED") {
    return new StartError(`The data in ${path} is in use by another running stack. Stop it, or set GOTALK_DATA.`, {
      cause: error,
    });
  }
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new StartError(
    `The database in ${path} cannot be opened (${detail}). Put a backup back, or move the folder away to start empty.`,
    { cause: error },
  );
}
