import { LIMITS } from "../contract/limits.ts";
import { GROUP_EVENT } from "../contract/message-type.ts";
import { bestEffort } from "../runtime/best-effort.ts";
import type { Clock } from "../runtime/clock.ts";
import { type Group, toldOf, type Untold } from "./group.ts";
import type { GroupFanOut } from "./group-fan-out.ts";
import type { GroupPeople } from "./group-people.ts";
import type { GroupStore } from "./group-store.ts";
import type { GroupWakes } from "./group-wakes.ts";

interface Parts {
  readonly store: GroupStore;
  readonly people: GroupPeople;
  readonly fanOut: GroupFanOut;
  /** Without it nobody is woken, and clients poll. */
  readonly wakes: GroupWakes | undefined;
  readonly now: Clock;
}

/**
 * Tells the members of a group what has changed: a message of the type `group`, from the user who changed it. Its id and its
 * content were stored with the change. So any function may tell it again: the channels that have it take it for a repeat.
 */
export class GroupTeller {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Tells the caller's own change, which may be a repeat, and then the changes that other requests have left untold, within
   * `LIMITS.groups.mendTime`. The next reader tells the rest.
   *
   * @param group As it was read or stored a moment ago.
   * @throws {Unavailable} Some channels may have the caller's change. It stays untold, and is told by the next reader.
   */
  async tellDue(group: Group, callerId: string): Promise<void> {
    const isOwn = ({ by }: Untold): boolean => by.id === callerId;
    for (const untold of group.untold.filter(isOwn)) await this.tell(group, untold);
    const late = group.untold.filter((untold) => !isOwn(untold) && this.#isLate(untold));
    if (late.length === 0) return;
    await bestEffort("tell what others have changed", LIMITS.groups.mendTime, async (signal) => {
      for (const untold of late) {
        if (signal.aborted) return;
        await this.tell(group, untold);
      }
    });
  }

  /** The first change that another request did not tell in its time. */
  firstDue({ untold }: Group): Untold | undefined {
    return untold.find((one) => this.#isLate(one));
  }

  /** Tells one change. @throws {Unavailable} As {@link tellDue}. */
  async tell(group: Group, untold: Untold): Promise<void> {
    const { store, people, fanOut, wakes, now } = this.#parts;
    const startedAt = now();
    const { groupId } = group;
    const { by, messageId, content, name } = untold;
    const ids = toldOf(group, untold);
    const message = { senderId: by.id, senderName: by.username, messageId, content, type: GROUP_EVENT };
    const parties = await people.parties(ids);
    const legs = await fanOut.route({ groupId, name }, [...parties.values()], { id: by.id, copies: true });
    const prepared = wakes?.prepare(message, legs);
    const sent = await fanOut.send(message, legs);
    // Lambda freezes a function that has answered. One that goes on later may have told devices that have left since.
    const isInTime = now() < startedAt + LIMITS.requestTime;
    await Promise.all([isInTime && store.removeUntold(groupId, untold), prepared?.wake(sent)]);
  }

  #isLate({ at }: Untold): boolean {
    return this.#parts.now() >= at + LIMITS.groups.tellAfter;
  }
}
