import type { User } from "../channel/profiles.ts";
import { LIMITS } from "../contract/limits.ts";
import { eachOf } from "../runtime/each-of.ts";
import { decideLeave } from "./group-decision.ts";
import type { GroupNotes } from "./group-notes.ts";
import type { GroupStore } from "./group-store.ts";

/** Leaves all groups of an account that is being deleted. */
export class GroupLeaving {
  readonly #store: GroupStore;
  readonly #notes: GroupNotes;

  constructor(store: GroupStore, notes: GroupNotes) {
    this.#store = store;
    this.#notes = notes;
  }

  /**
   * The next readers of the groups tell the changes: telling all of them here would take longer than a request may. Safe to
   * repeat.
   */
  async leaveAll(user: User): Promise<void> {
    await eachOf(await this.#notes.list(user.id), LIMITS.groups.leftAtOnce, async ({ groupId }) => {
      const changed = await this.#store.change(groupId, user, (group) => decideLeave(group, user.id));
      await this.#notes.remove(user.id, groupId, changed?.group.version ?? Number.MAX_SAFE_INTEGER);
    });
  }
}
