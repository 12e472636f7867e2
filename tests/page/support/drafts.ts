import type { Draft } from "../../../static/src/storage/records.ts";
import type { Visitor } from "../../support/page/visitor.ts";
import { storedRecords } from "./records.ts";

/** The texts of all drafts that a page has stored of what is written to others. The name under To is left out. */
export async function storedDrafts(visitor: Visitor): Promise<string[]> {
  const drafts = await storedRecords<Draft>(visitor, "drafts");
  return drafts.filter(({ peerId }) => peerId !== "to").map(({ text }) => text);
}

/** Lets all that is about drafts alone fail from now on, as if the page were left in that moment. */
export const breakDrafts = ({ page }: Visitor): Promise<void> =>
  page.evaluate(() => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (stores, mode, ...rest) {
      if (String(stores) === "drafts" && mode === "readwrite") throw new DOMException("broken", "UnknownError");
      return transaction.call(this, stores, mode, ...rest);
    };
  });
