import { validate as isUuid } from "uuid";
import { type Profile, type ProfileAttributes, profileOf } from "../channel/profiles.ts";
import { blockKey, profileKey } from "../database/account-keys.ts";
import type { AccountsTable, Stored } from "../database/accounts-table.ts";
import { getRecords } from "../database/get-records.ts";
import type { Clock } from "../runtime/clock.ts";
import { type DeviceMap, dayOf, readMap, type StoredMap } from "./device-map.ts";

/** One of the two users of a message. */
export interface Party extends Profile {
  readonly devices: DeviceMap;
  /** The profile as it is stored, which has the backlogs of further channels as well. */
  readonly stored: object;
}

/** The two users of a message. */
export interface Parties {
  readonly receiver: Party;
  /** The receiver, if the message is to oneself. `undefined`: the sender's account has just been deleted. */
  readonly sender: Party | undefined;
  /** Whether the receiver does not want the sender's messages, see `blocks.ts`. */
  readonly isBlocked: boolean;
}

/** Reads what a send has to know of its two users. */
export class PartiesReader {
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /**
   * One call: three read units, and two for a message to oneself. Strongly consistent: an older profile lacks a device that
   * has just logged in, and that device would never get the message.
   *
   * @param receiverId As a request names it.
   * @returns `undefined` if there is no such receiver.
   */
  async find(receiverId: string, senderId: string): Promise<Parties | undefined> {
    if (!isUuid(receiverId)) return undefined;
    const block = blockKey(receiverId, senderId);
    const profiles = [...new Set([receiverId, senderId])].map(profileKey);
    const found = await getRecords<ProfileAttributes & StoredMap>(this.#table, [...profiles, block]);
    const at = (key: typeof block) => found.find(({ owner, record }) => owner === key.owner && record === key.record);
    const today = dayOf(this.#now());
    const partyOf = (id: string): Party | undefined => toParty(id, at(profileKey(id)), today);
    const receiver = partyOf(receiverId);
    return receiver && { receiver, sender: partyOf(senderId), isBlocked: at(block) !== undefined };
  }
}

/** A profile as it is stored. */
export type StoredProfile = Stored<ProfileAttributes & StoredMap>;

/**
 * A user as a party of a message.
 *
 * @param stored The user's profile. `undefined` if there is no such user.
 * @param today As `dayOf`.
 */
export const toParty = (id: string, stored: StoredProfile | undefined, today: number): Party | undefined =>
  stored && { ...profileOf(id, stored), devices: readMap(stored, today), stored };
