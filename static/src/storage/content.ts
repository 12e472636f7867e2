import type { KeptFile, StoredContent } from "./records.ts";
import type { Database } from "./schema.ts";

/** Where the content of a file that is kept is. */
export const placeOf = ({ fileId, place = fileId }: KeptFile): string => place;

/** What a file contains, if it is here. @param key Its `fileId`, or the `upload` of its message. */
export async function contentOf(database: Database, key: string): Promise<Blob | undefined> {
  const kept = await database.get("files", key);
  const content = await database.get("bytes", kept === undefined ? key : placeOf(kept));
  return content instanceof ArrayBuffer ? new Blob([content]) : content;
}

/** The names of WebKit's errors for a Blob that it does not store. */
const REFUSALS: readonly string[] = ["DataCloneError", "UnknownError"];

/**
 * Stores a content as a Blob, or else as its bytes.
 *
 * @param store Is called again if it fails with a Blob. It must leave nothing behind then.
 * @throws what `store` throws
 */
export async function storing(content: Blob, store: (content: StoredContent) => Promise<void>): Promise<void> {
  try {
    await store(content);
  } catch (error) {
    if (!(error instanceof DOMException && REFUSALS.includes(error.name))) throw error;
    await store(await content.arrayBuffer());
  }
}
