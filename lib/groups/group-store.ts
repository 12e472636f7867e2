import { LIMITS } from "../contract/limits.ts";
import { groupKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { updateRecord } from "../database/update-record.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { Unavailable } from "../runtime/errors.ts";
import { newMessageId } from "../runtime/ids.ts";
import { type Sleep, sleep } from "../runtime/sleep.ts";
import { type Group, type GroupState, idsOfMembers, type Untold } from "./group.ts";
import type { Decision } from "./group-decision.ts";
import { GroupReader } from "./group-reader.ts";

/** Nobody has changed the group. Without it two changes at once would undo each other: a removed member would come back. */
const IS_AS_READ = "#version = :seen";

/**
 * The code that lets in is still the one that was read: making one is no new version. Without it a change would take a code away that
 * an admin has just been given, and the code before it would still let somebody in.
 */
const HAS_SAME_CODE = "#invite = :invite";
const HAS_NO_CODE = "attribute_not_exists(#invite)";

/** Nobody has noted it yet that the change was told. */
const IS_UNTOLD = "attribute_exists(#untold.#of)";

/** So many changes of a group are untold that there is no room for another one. */
export class TooManyUntold extends Unavailable {
  /** As it was read. */
  readonly group: Group;

  constructor(group: Group) {
    super("too many changes of a group are untold");
    this.group = group;
  }
}

type Outcome = Exclude<Decision, { kind: "changed" }> | { readonly kind: "changed" };

/** A decision, and the group as it is stored then. */
export type Changed = Outcome & { readonly group: Group };

/**
 * The groups as they are stored: one record for each, of which every change is one conditional write. What makes and lists them is in
 * `group-records.ts`, so that a function that only sends needs no permission for it.
 */
export class GroupStore {
  readonly #table: AccountsTable;
  readonly #reader: GroupReader;
  readonly #now: Clock;
  readonly #sleep: Sleep;

  constructor(table: AccountsTable, now: Clock, pause: Sleep = sleep) {
    this.#table = table;
    this.#reader = new GroupReader(table);
    this.#now = now;
    this.#sleep = pause;
  }

  /** As `GroupReader.read`. */
  read(groupId: string): Promise<Group | undefined> {
    return this.#reader.read(groupId);
  }

  /**
   * Changes a group: read, decide, conditional write; again if another change came first. The group may have further changes then.
   *
   * @param by The user who makes the change: the sender of the message that tells it.
   * @param decide Must give no change on a group that it has changed already, as the answer to a write may be lost.
   * @param prepare What has to be done before the write, with the version that it makes.
   * @returns `undefined` if there is no such group.
   * @throws {TooManyUntold} The caller may tell them, and try again.
   * @throws {Unavailable} Others changed it each time, or the database is out of reach: then the change may have applied.
   */
  async change(
    groupId: string,
    by: Untold["by"],
    decide: (group: Group) => Decision,
    prepare: (version: number, decision: Extract<Decision, { kind: "changed" }>) => Promise<unknown> = async () =>
      undefined,
  ): Promise<Changed | undefined> {
    const messageId = newMessageId(this.#now());
    for (let round = 0; round < LIMITS.groups.attempts; round++) {
      if (round > 0) await this.#sleep(Math.random() * 5 * 2 ** round);
      const group = await this.read(groupId);
      if (group === undefined) return undefined;
      // An earlier round has made the change, and the answer to its write was lost. Another decision might come of it now: a user who is
      // no longer admin may not make it.
      if (group.untold.some((one) => one.messageId === messageId)) return { kind: "changed", group };
      const decision = decide(group);
      if (decision.kind !== "changed") return { ...decision, group };
      const { state, change, also } = decision;
      // Leaving is always possible, or the members of a group that nobody reads could not delete their accounts. It has an end.
      if (change.event !== "left" && group.untold.length >= LIMITS.groups.untold) {
        throw new TooManyUntold(group);
      }
      const version = group.version + 1;
      const content = JSON.stringify({ version, ...change });
      const untold = { version, messageId, by, name: state.name, content, also, at: this.#now() };
      await prepare(version, decision);
      if (await this.#write(group, state, untold)) {
        return { kind: "changed", group: { ...group, ...state, version, untold: [...group.untold, untold] } };
      }
    }
    throw new Unavailable("a group was changed by others each time");
  }

  /** Notes that a change was told. There is nothing to do if that is noted. */
  async removeUntold(groupId: string, { version }: Untold): Promise<void> {
    await updateRecord(this.#table, groupKey(groupId), {
      update: "REMOVE #untold.#of",
      condition: IS_UNTOLD,
      names: { "#of": String(version) },
    });
  }

  #write(
    { groupId, version: seen, inviteHash: invite }: Group,
    { name, members, inviteHash }: GroupState,
    untold: Untold,
  ) {
    const isGone = idsOfMembers({ members }).length === 0;
    const sets = ["#name = :name", "#members = :members", "#version = :version", "#untold.#of = :untold"];
    if (isGone) sets.push("#expiresAt = :expiresAt");
    return updateRecord(this.#table, groupKey(groupId), {
      update: `SET ${sets.join(", ")}${inviteHash === undefined ? " REMOVE #invite" : ""}`,
      condition: `${IS_AS_READ} AND ${invite === undefined ? HAS_NO_CODE : HAS_SAME_CODE}`,
      values: {
        invite,
        name,
        members,
        version: untold.version,
        untold,
        seen,
        expiresAt: isGone ? epochSeconds(this.#now() + LIMITS.groups.goneKept) : undefined,
      },
      names: { "#of": String(untold.version) },
    });
  }
}
