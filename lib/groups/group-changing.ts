import type { User } from "../channel/profiles.ts";
import type { UserLimit } from "../rates/user-limit.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { type Group, type GroupView, idsOfMembers, memberOf, viewOf } from "./group.ts";
import type { Decision } from "./group-decision.ts";
import type { GroupNotes } from "./group-notes.ts";
import { refusalError } from "./group-refusals.ts";
import { type Changed, type GroupStore, TooManyUntold } from "./group-store.ts";
import type { GroupTeller } from "./group-teller.ts";

interface Parts {
  readonly store: GroupStore;
  readonly notes: GroupNotes;
  readonly teller: GroupTeller;
  /** The rate of sending: each change is a message to all members. */
  readonly sendLimit: UserLimit;
}

/**
 * The steps of every request that changes a group: it is counted, stored and told. What it changes is the business of the caller.
 */
export class GroupChanging {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Reads a group. @throws {GoTalkError} `unknown_group`: There is none, or the user is not in it. */
  async ownGroup({ id }: User, groupId: string): Promise<Group> {
    const group = await this.#parts.store.read(groupId);
    if (group === undefined || memberOf(group, id) === undefined) throw new GoTalkError("unknown_group");
    return group;
  }

  /**
   * Changes a group. It is not told yet.
   *
   * @param prepare As of `GroupStore.change`, with whether the change adds somebody.
   * @throws {GoTalkError} `too_many_messages`, `unknown_group`, and what `decide` refuses.
   */
  async change(
    actor: User,
    groupId: string,
    decide: (group: Group) => Decision,
    prepare?: (version: number, isAdded: boolean) => Promise<unknown>,
  ): Promise<Changed> {
    const { store, sendLimit, teller } = this.#parts;
    let isCounted = false;
    const changing = store.change(groupId, actor, decide, async (version, { state, change }) => {
      if (!isCounted) await sendLimit.consume(actor.id, Math.max(1, idsOfMembers(state).length));
      isCounted = true;
      await prepare?.(version, change.event === "added");
    });
    const changed = await changing.catch(async (error: unknown) => {
      // Nobody else may read the group. The repeat of the request finds room.
      if (error instanceof TooManyUntold) await teller.tellDue(error.group, actor.id);
      throw error;
    });
    if (changed === undefined) throw new GoTalkError("unknown_group");
    if (changed.kind === "refused") throw refusalError(changed.code);
    return changed;
  }

  /** Tells what of the group is due, and shows it to a member. @throws {GoTalkError} `unknown_group`, as `ownGroup`. */
  async seenBy({ id }: User, group: Group | undefined): Promise<GroupView> {
    if (group === undefined || memberOf(group, id) === undefined) throw new GoTalkError("unknown_group");
    await this.#parts.teller.tellDue(group, id);
    return viewOf(group);
  }

  /**
   * Tells what of the group is due once a user has left it, and removes the user's note of it, unless the user has come back since.
   *
   * @param tellerId The user whose change it was.
   */
  async leftBy(userId: string, group: Group, tellerId: string): Promise<void> {
    const isBack = memberOf(group, userId) !== undefined;
    if (!isBack) await this.#parts.notes.remove(userId, group.groupId, group.version);
    await this.#parts.teller.tellDue(group, tellerId);
  }
}
