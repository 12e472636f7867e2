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
export const refusePuts = (store: string): void =>
  refuse((name) => name === store, new DOMException("refused", "UnknownError"));

/** Lets the storage take no Blob, from now until the test ends: so is WebKit in a private window. @returns the refused ones */
export function refuseBlobs(error = new DOMException("BlobURLs are not yet supported.", "DataCloneError")): unknown[] {
  const refused: unknown[] = [];
  refuse((_, value) => value instanceof Blob && refused.push(value) > 0, error);
  return refused;
}

function refuse(which: (store: string, value: unknown) => boolean, error: DOMException): void {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...values: Parameters<typeof put>) {
    if (which(this.name, values[0])) throw error;
    return put.apply(this, values);
  };
  onTestFinished(() => {
    IDBObjectStore.prototype.put = put;
  });
}
