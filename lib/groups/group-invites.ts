import type { User } from "../channel/profiles.ts";
import { LIMITS } from "../contract/limits.ts";
import { Unavailable } from "../runtime/errors.ts";
import { type Group, type GroupView, memberOf } from "./group.ts";
import type { GroupChanging } from "./group-changing.ts";
import { newGroupCode, readGroupCode } from "./group-codes.ts";
import { decideInvite, decideJoin } from "./group-decision.ts";
import type { GroupNotes } from "./group-notes.ts";
import type { GroupRecords } from "./group-records.ts";
import { refusalError } from "./group-refusals.ts";
import type { GroupStore } from "./group-store.ts";

interface Parts {
  readonly store: GroupStore;
  readonly records: GroupRecords;
  readonly notes: GroupNotes;
  readonly changing: GroupChanging;
}

/** Codes that let into a group, see `group-codes.ts`: made by its admins, and used by anybody who has one. */
export class GroupInvites {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Makes a code that lets others in. The code before it lets nobody in any more.
   *
   * @throws {GoTalkError} `unknown_group`, `not_an_admin`.
   */
  async invite(actor: User, groupId: string): Promise<string> {
    const { records, changing } = this.#parts;
    const { code, inviteHash } = newGroupCode(groupId);
    for (let round = 0; round < LIMITS.groups.attempts; round++) {
      const group = await changing.ownGroup(actor, groupId);
      const refusal = decideInvite(group, actor);
      if (refusal !== undefined) throw refusalError(refusal);
      if (await records.setInvite(group, inviteHash)) return code;
    }
    throw new Unavailable("a group was changed by others each time");
  }

  /**
   * Joins a group by a code. A member gets the group, whatever became of the code: this may be the repeat of a request that let the
   * user in.
   *
   * @throws {GoTalkError} `invalid_invite`: The code is unknown or void; `too_many_members`, `too_many_groups`,
   *   `too_many_messages`.
   */
  async join(user: User, code: string): Promise<GroupView> {
    const { store, notes, changing } = this.#parts;
    const read = readGroupCode(code);
    const before = read && (await store.read(read.groupId));
    if (before !== undefined && memberOf(before, user.id) !== undefined) return changing.seenBy(user, before);
    // Checked before all else: a user without the code learns nothing of the group.
    if (read === undefined || before?.inviteHash !== read.inviteHash) throw refusalError("invalid_invite");
    const { groupId, inviteHash } = read;
    await notes.requireRoom(user);
    const decide = (group: Group) => decideJoin(group, user, inviteHash);
    const changed = await changing.change(user, groupId, decide, (version) => notes.add([user.id], groupId, version));
    return changing.seenBy(user, changed.group);
  }
}
