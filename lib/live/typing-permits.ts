import { blockKey, holderKey, userOwner } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { getRecords } from "../database/get-records.ts";
import type { Holder } from "./connections.ts";

/** A user who is typing, and the connection that says so. */
export interface Typist extends Pick<Holder, "userId"> {
  readonly connectionId: string;
}

/** Tells which users may learn that a user is typing. */
export class TypingPermits {
  readonly #table: AccountsTable;

  constructor(table: AccountsTable) {
    this.#table = table;
  }

  /**
   * Nobody may learn it if the connection's session has ended, nor may a user who has blocked the typist. One call: half a read
   * unit for the connection, and for each of the others. Eventually consistent.
   *
   * @param others The other side of the conversation, 99 at most.
   */
  async read({ userId, connectionId }: Typist, others: readonly string[]): Promise<(other: string) => boolean> {
    const holder = holderKey(connectionId);
    const blocks = others.map((other) => blockKey(other, userId));
    const found = await getRecords(this.#table, [holder, ...blocks], { consistent: false });
    // Each is the only one that is asked of its partition.
    const owners = new Set(found.map(({ owner }) => owner));
    return (other) => owners.has(holder.owner) && !owners.has(userOwner(other));
  }
}
