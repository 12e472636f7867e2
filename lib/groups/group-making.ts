import type { User } from "../channel/profiles.ts";
import type { UserLimit } from "../rates/user-limit.ts";
import type { Clock } from "../runtime/clock.ts";
import { eachOf } from "../runtime/each-of.ts";
import { invalidRequest } from "../runtime/errors.ts";
import { newMessageId } from "../runtime/ids.ts";
import { type GroupView, idsOfMembers, type Untold } from "./group.ts";
import type { GroupChanging } from "./group-changing.ts";
import { groupIdOf, newGroupId } from "./group-codes.ts";
import { firstState } from "./group-decision.ts";
import { type GroupNotes, NOTES_AT_ONCE } from "./group-notes.ts";
import type { GroupPeople } from "./group-people.ts";
import type { GroupRecords } from "./group-records.ts";
import { blockedBy, unknownUser } from "./group-refusals.ts";
import type { GroupStore } from "./group-store.ts";

interface Parts {
  readonly store: GroupStore;
  readonly records: GroupRecords;
  readonly notes: GroupNotes;
  readonly people: GroupPeople;
  readonly changing: GroupChanging;
  /** The rate of sending: that there is a group is a message to all members. */
  readonly sendLimit: UserLimit;
  readonly now: Clock;
}

/** Makes groups. */
export class GroupMaking {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @param memberIds The other members.
   * @param groupKey The same in each repeat of a request, which then finds the group of the first try.
   * @throws {GoTalkError} `invalid_request`, `unknown_user`, `blocked`, `too_many_groups`, `too_many_messages`; `unknown_group`:
   *   The maker is no longer in the group that the first try has made.
   */
  async make(maker: User, name: string, memberIds: readonly string[], groupKey?: string): Promise<GroupView> {
    const { store, records, notes, changing, sendLimit, now } = this.#parts;
    const groupId = groupKey === undefined ? newGroupId() : groupIdOf(maker.id, groupKey);
    const before = groupKey === undefined ? undefined : await store.read(groupId);
    if (before !== undefined) return changing.seenBy(maker, before);
    const otherIds = [...new Set(memberIds)].filter((id) => id !== maker.id);
    // First of all: each of them is read, and so are the notes of each, whatever comes of it.
    await sendLimit.consume(maker.id, otherIds.length + 1);
    const others = await this.#candidates(maker, otherIds);
    const state = firstState(name, maker, others);
    await eachOf([maker, ...others], NOTES_AT_ONCE, (user) => notes.requireRoom(user));
    await notes.add(idsOfMembers(state), groupId, 1);
    const untold: Untold = {
      version: 1,
      messageId: newMessageId(now()),
      by: { id: maker.id, username: maker.username },
      name,
      content: JSON.stringify({ version: 1, event: "created", name }),
      at: now(),
    };
    const isNew = await records.create(groupId, state, untold);
    const group = isNew ? { groupId, ...state, version: 1, untold: [untold] } : await store.read(groupId);
    return changing.seenBy(maker, group);
  }

  async #candidates(adder: User, userIds: readonly string[]): Promise<User[]> {
    if (userIds.length === 0) {
      const detail = "must name at least one other user";
      throw invalidRequest(`members ${detail}`, [{ field: "members", detail }]);
    }
    const found = await this.#parts.people.candidates(userIds, adder.id);
    const unknown = userIds.filter((id) => !found.has(id));
    if (unknown.length > 0) throw unknownUser(unknown);
    const all = [...found.values()];
    const blocking = all.filter(({ hasBlocked }) => hasBlocked);
    if (blocking.length > 0) throw blockedBy(blocking);
    return all.map(({ id, username }) => ({ id, username }));
  }
}
