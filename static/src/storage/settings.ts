import type { FoldedConversation } from "../../../lib/client/index.ts";
import type { Database } from "./stores.ts";

/** The setting "Read receipts" in what is known of the conversation with oneself. */
export const tellsRead = (own: FoldedConversation | undefined): boolean => own?.own?.["hidesRead"]?.value !== true;

/**
 * The setting "Read receipts": whether people are told what the user has read, and the user what they have. The user's devices
 * agree on it by messages to themselves: it is kept as a setting of the conversation with oneself.
 */
export async function tellsReadIn(database: Database, ownId: string): Promise<boolean> {
  return tellsRead(await database.get("folded", ownId));
}
