import { timeOf } from "../../../lib/contract/uuid-time.ts";
import type { Beginning, HistoryNotice } from "./records.ts";
import { isRecord } from "./safely.ts";
import type { Database } from "./schema.ts";

const NOTICE = "notice";
const BEGINNING = "beginning";

/** What the person is to know and has not seen yet. */
export async function storedNotice(database: Database): Promise<HistoryNotice | undefined> {
  const notice = (await database.get("state", NOTICE)) as HistoryNotice | undefined;
  return isRecord(notice, "what") ? notice : undefined;
}

/** Stores it in the place of an earlier one. Undefined: there is nothing to know any more. */
export async function storeNotice(database: Database, notice: HistoryNotice | undefined): Promise<void> {
  await (notice === undefined ? database.delete("state", NOTICE) : database.put("state", notice, NOTICE));
}

export const storeBeginning = (database: Database, beginning: Beginning): Promise<unknown> =>
  database.put("state", beginning, BEGINNING);

/** When this browser began as this device, in milliseconds since the epoch. Undefined: an earlier version of the page stored none. */
export async function beganAt(database: Database, deviceId: string | undefined): Promise<number | undefined> {
  const stored = (await database.get("state", BEGINNING)) as Beginning | undefined;
  return isRecord(stored, "messageId") && stored?.deviceId === deviceId ? timeOf(stored?.messageId ?? "") : undefined;
}
