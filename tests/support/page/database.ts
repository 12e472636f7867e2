import "fake-indexeddb/auto";
import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import { type Database, openDatabase } from "../../../static/src/storage/schema.ts";

/*
 * The storage of a page in Node. It follows the standard but for what is measured in browsers: durability, quotas, and
 * connections that are lost. So these rules, and all of the storage under load, are tested in browsers.
 */

/** Opens an empty database of the page. */
export async function newDatabase(): Promise<Database> {
  const database = await openDatabase(randomUUID(), {});
  onTestFinished(() => database.close());
  return database;
}

/** Lets the storage refuse to put anything into a store, from now until the test ends. */
export function refusePuts(store: string): void {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...values: Parameters<typeof put>) {
    if (this.name === store) throw new DOMException("refused", "UnknownError");
    return put.apply(this, values);
  };
  onTestFinished(() => {
    IDBObjectStore.prototype.put = put;
  });
}
