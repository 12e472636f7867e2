import type { HistoryNotice } from "./records.ts";
import { isRecord } from "./safely.ts";
import type { Database } from "./schema.ts";

const NOTICE = "notice";

/** What the person is to know and has not seen yet. */
export async function storedNotice(database: Database): Promise<HistoryNotice | undefined> {
  const notice = (await database.get("state", NOTICE)) as HistoryNotice | undefined;
  return isRecord(notice, "what") ? notice : undefined;
}

/** Stores it in the place of an earlier one. Undefined: there is nothing to know any more. */
export async function storeNotice(database: Database, notice: HistoryNotice | undefined): Promise<void> {
  await (notice === undefined ? database.delete("state", NOTICE) : database.put("state", notice, NOTICE));
}
