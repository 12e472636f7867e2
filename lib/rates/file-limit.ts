import { LIMITS } from "../contract/limits.ts";
import { filesKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { updateRecord } from "../database/update-record.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";

const DAY = 86_400_000;

/** What a user may upload on one day. */
export interface FileRate {
  readonly files: number;
  /** Of all of them together, encrypted. */
  readonly bytes: number;
}

/**
 * The day has no count yet, or room for this file. The bytes of a single file are below the bound of the day.
 */
const HAS_ROOM = "attribute_not_exists(uploads) OR (uploads < :files AND uploadedBytes <= :room)";

/**
 * How much a user may upload on a day, in UTC. Exact, unlike the rates of `user-limit.ts`: what is stored costs money for weeks. Each
 * file is one call and one write unit, whether it is taken or refused.
 */
export class FileLimit {
  readonly #table: AccountsTable;
  readonly #now: Clock;
  readonly #rate: FileRate;

  constructor(table: AccountsTable, now: Clock, rate: FileRate) {
    this.#table = table;
    this.#now = now;
    this.#rate = rate;
  }

  /**
   * Counts a file before its upload is allowed. What is not uploaded then stays counted until the day ends.
   *
   * @param bytes Of the encrypted file.
   * @throws {GoTalkError} `too_many_files`: The user has no room for it today. Nothing was counted.
   */
  async consume(userId: string, bytes: number): Promise<void> {
    const now = this.#now();
    const midnight = (Math.floor(now / DAY) + 1) * DAY;
    const isTaken = await updateRecord(this.#table, filesKey(userId, new Date(now).toISOString().slice(0, 10)), {
      update: "SET expiresAt = :expiresAt ADD uploads :one, uploadedBytes :bytes",
      condition: HAS_ROOM,
      values: {
        one: 1,
        bytes,
        files: this.#rate.files,
        room: this.#rate.bytes - bytes,
        expiresAt: epochSeconds(now + LIMITS.files.countKept),
      },
    });
    if (isTaken) return;
    throw new GoTalkError("too_many_files", {
      values: [this.#rate.files, this.#rate.bytes],
      retryAfter: Math.ceil((midnight - now) / 1_000),
    });
  }
}
