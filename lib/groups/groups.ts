import type { User } from "../channel/profiles.ts";
import type { UserLimit } from "../rates/user-limit.ts";
import type { Clock } from "../runtime/clock.ts";
import { eachOf } from "../runtime/each-of.ts";
import { type Group, type GroupView, idsOfMembers, memberOf } from "./group.ts";
import { GroupChanging } from "./group-changing.ts";
import { type Decision, decideInvite, decideLeave, decidePut, decideRemove, decideRename } from "./group-decision.ts";
import { GroupInvites } from "./group-invites.ts";
import { GroupMaking } from "./group-making.ts";
import { type GroupNotes, NOTES_AT_ONCE } from "./group-notes.ts";
import type { GroupPeople } from "./group-people.ts";
import type { GroupRecords } from "./group-records.ts";
import { blockedBy, refusalError, unknownUser } from "./group-refusals.ts";
import type { GroupStore } from "./group-store.ts";
import type { GroupTeller } from "./group-teller.ts";

/** A group in the list of those that a user is in. */
interface GroupSummary extends Pick<GroupView, "groupId" | "name" | "version"> {
  readonly memberCount: number;
  /** Whether the user is an admin. */
  readonly admin: boolean;
}

interface Parts {
  readonly store: GroupStore;
  readonly records: GroupRecords;
  readonly notes: GroupNotes;
  readonly people: GroupPeople;
  readonly teller: GroupTeller;
  /** The rate of sending: each change is a message to all members. */
  readonly sendLimit: UserLimit;
  readonly now: Clock;
}

/**
 * What users do with groups. A change is one conditional write of the group (`group-store.ts`), which stores the message that
 * tells it as well. Then it is told. If a function dies in between, the next reader of the group tells it.
 *
 * Each request is safe to repeat. All throw `unknown_group` alike for a group that does not exist and for one that the caller is
 * not in.
 */
export class Groups {
  readonly #parts: Parts;
  readonly #changing: GroupChanging;
  readonly #making: GroupMaking;
  readonly #invites: GroupInvites;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#changing = new GroupChanging(parts);
    const changing = this.#changing;
    this.#making = new GroupMaking({ ...parts, changing });
    this.#invites = new GroupInvites({ ...parts, changing });
  }

  /** As `GroupMaking.make`. */
  make(maker: User, name: string, memberIds: readonly string[], groupKey?: string): Promise<GroupView> {
    return this.#making.make(maker, name, memberIds, groupKey);
  }

  /** As `GroupInvites.invite`. */
  invite(actor: User, groupId: string): Promise<string> {
    return this.#invites.invite(actor, groupId);
  }

  /** As `GroupInvites.join`. */
  join(user: User, code: string): Promise<GroupView> {
    return this.#invites.join(user, code);
  }

  /** Those that the user is in, by their names. */
  async list({ id: userId }: User): Promise<GroupSummary[]> {
    const { records, notes } = this.#parts;
    const noted = await notes.list(userId);
    const groups = await records.readAll(noted.map(({ groupId }) => groupId));
    const own = groups.filter((group) => memberOf(group, userId) !== undefined);
    const ownIds = new Set(own.map(({ groupId }) => groupId));
    const stale = noted.filter(({ groupId }) => !ownIds.has(groupId));
    await eachOf(stale, NOTES_AT_ONCE, (note) => notes.mend(userId, note));
    return own
      .map(({ groupId, name, version, members }) => ({
        groupId,
        name,
        version,
        memberCount: Object.keys(members).length,
        admin: members[userId]?.admin ?? false,
      }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Members whose accounts were deleted leave the group when it is read. */
  async show(user: User, groupId: string): Promise<GroupView> {
    const group = await this.#changing.ownGroup(user, groupId);
    const found = await this.#parts.people.parties(idsOfMembers(group));
    const gone = idsOfMembers(group).filter((id) => !found.has(id));
    let current = group;
    for (const id of gone) current = (await this.#dropDeleted(group, id)) ?? current;
    return this.#changing.seenBy(user, current);
  }

  /** @throws {GoTalkError} `not_an_admin`, `too_many_messages`. */
  async rename(actor: User, groupId: string, name: string): Promise<GroupView> {
    const changed = await this.#changing.change(actor, groupId, (group) => decideRename(group, actor, name));
    return this.#changing.seenBy(actor, changed.group);
  }

  /**
   * Adds a user, or makes a member admin or no longer admin.
   *
   * @param admin `undefined`: as before; a new member is none.
   * @throws {GoTalkError} `not_an_admin`, `unknown_user`, `blocked`, `too_many_members`, `too_many_groups`, `last_admin`,
   *   `too_many_messages`.
   */
  async put(actor: User, groupId: string, userId: string, admin: boolean | undefined): Promise<GroupView> {
    const { people, notes } = this.#parts;
    const group = await this.#changing.ownGroup(actor, groupId);
    // Checked first: only an admin learns whether the user exists, or has blocked them. Of oneself there is nothing to learn.
    const refusal = userId === actor.id ? undefined : decideInvite(group, actor);
    if (refusal !== undefined) throw refusalError(refusal);
    const candidate = (await people.candidates([userId], actor.id)).get(userId);
    const isMember = memberOf(group, userId) !== undefined;
    if (!isMember && candidate !== undefined) await notes.requireRoom(candidate);
    const decide = (read: Group): Decision => {
      const isNew = memberOf(read, userId) === undefined;
      if (isNew && candidate === undefined) throw unknownUser();
      if (isNew && candidate?.hasBlocked) throw blockedBy([candidate]);
      return decidePut(read, actor, candidate ?? { id: userId, username: "" }, admin);
    };
    const prepare = (version: number, isAdded: boolean) =>
      isAdded ? notes.add([userId], groupId, version) : Promise.resolve();
    const changed = await this.#changing.change(actor, groupId, decide, prepare);
    return this.#changing.seenBy(actor, changed.group);
  }

  /**
   * There is nothing to do for a user who is not in the group.
   *
   * @throws {GoTalkError} `not_an_admin`, `too_many_messages`.
   */
  async remove(actor: User, groupId: string, userId: string): Promise<void> {
    if (userId === actor.id) return this.#leave(actor, groupId);
    const changed = await this.#changing.change(actor, groupId, (group) => decideRemove(group, actor, userId));
    await this.#changing.leftBy(userId, changed.group, actor.id);
  }

  async #leave(user: User, groupId: string): Promise<void> {
    let wasMember = false;
    const changed = await this.#changing.change(user, groupId, (group) => {
      const decision = decideLeave(group, user.id);
      // Removed by an admin between two rounds.
      if (decision.kind === "refused" && wasMember) return { kind: "unchanged" };
      wasMember = true;
      return decision;
    });
    await this.#changing.leftBy(user.id, changed.group, user.id);
  }

  /** Takes a user without a profile out of a group. @returns The group as it is then. */
  async #dropDeleted(group: Group, userId: string): Promise<Group | undefined> {
    const username = memberOf(group, userId)?.username ?? "";
    const by = { id: userId, username };
    const changed = await this.#parts.store.change(group.groupId, by, (read) => decideLeave(read, userId));
    if (changed?.kind !== "changed") return changed?.group;
    // Nobody lists the groups of that user any more.
    await this.#changing.leftBy(userId, changed.group, userId);
    return changed.group;
  }
}
