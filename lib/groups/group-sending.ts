import type { SendRequest } from "../channel/sending.ts";
import { hasFormOfGroupId } from "../contract/groups.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Pushes } from "../push/pushes.ts";
import { bestEffort } from "../runtime/best-effort.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { type Group, idsOfMembers, memberOf } from "./group.ts";
import { decideLeave } from "./group-decision.ts";
import type { GroupAnswer, GroupFanOut, Leg } from "./group-fan-out.ts";
import type { GroupPeople } from "./group-people.ts";
import type { GroupStore } from "./group-store.ts";
import type { GroupTeller } from "./group-teller.ts";
import type { GroupWakes } from "./group-wakes.ts";

interface Parts {
  readonly store: GroupStore;
  readonly people: GroupPeople;
  readonly fanOut: GroupFanOut;
  readonly teller: GroupTeller;
  /** Without it nobody is woken, and clients poll. */
  readonly wakes: GroupWakes | undefined;
  /** Without it nobody is told by push. */
  readonly pushes: Pushes | undefined;
}

/** A message of a member to a group. */
interface ToGroup {
  readonly message: SendRequest;
  /** Of the device that sends, as in `Caller`. */
  readonly senderChannel: string | undefined;
  /** Whether the sender's other devices get copies. */
  readonly copies: boolean;
  /**
   * Counts the message. Called beside the read of the members, and awaited before anything is stored.
   *
   * @param members How many the group has; 1 if the sender is not in it, as the group was read all the same.
   */
  readonly admit: (members: number) => Promise<unknown>;
}

/**
 * Sends messages to groups, in three round trips: the group; the members' profiles; the puts. One write unit for each device.
 *
 * The members are those of the version of the group that is read here. A later change neither takes the message from anybody nor
 * gives it to anybody.
 */
export class GroupSending {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One call. @param groupId As a request names it. */
  async read(groupId: string): Promise<Group | undefined> {
    return hasFormOfGroupId(groupId) ? this.#parts.store.read(groupId) : undefined;
  }

  /**
   * Puts a message on every device of every member but the one that sends, and wakes them.
   *
   * @param group As it was read.
   * @throws {GoTalkError} `unknown_group`: There is no such group, or the sender is not in it.
   * @throws {GoTalkError} `group_too_large`: The members have more devices than one request can reach.
   * @throws {GoTalkError} See `GroupFanOut.send`.
   */
  async send(group: Group | undefined, { message, senderChannel, copies, admit }: ToGroup): Promise<GroupAnswer> {
    if (group === undefined || memberOf(group, message.senderId) === undefined) {
      await admit(1);
      throw new GoTalkError("unknown_group");
    }
    const { people, fanOut, wakes, pushes } = this.#parts;
    const ids = idsOfMembers(group);
    const sender = { id: message.senderId, device: { channel: senderChannel }, copies };
    const reading = people.parties(ids);
    const routing = reading.then((members) => fanOut.route(group, [...members.values()], sender));
    const [members, legs] = await Promise.all([reading, routing, admit(ids.length)]);
    requireReach(legs);
    const others = legs.filter(({ party }) => party.id !== message.senderId);
    const waking = wakes?.prepare(message, legs);
    const pushing = pushes?.prepare(
      message,
      others.flatMap(({ destinations }) => destinations),
      waking?.connected,
    );
    const sent = await fanOut.send(message, legs);
    await Promise.all([waking?.wake(sent), pushing?.(sent), this.#mend(group, new Set(members.keys()))]);
    return sent;
  }

  /** Finishes what an earlier request has left: a deleted member who is still in the group, and a change that was never told. */
  async #mend(group: Group, existing: ReadonlySet<string>): Promise<void> {
    const { store, teller } = this.#parts;
    const deleted = idsOfMembers(group).find((id) => !existing.has(id));
    const untold = teller.firstDue(group);
    if (deleted === undefined && untold === undefined) return;
    await bestEffort("mend a group", LIMITS.groups.mendTime, async () => {
      if (untold !== undefined) await teller.tell(group, untold);
      if (deleted === undefined) return;
      // The next reader tells it: this request has told its own message.
      const by = { id: deleted, username: memberOf(group, deleted)?.username ?? "" };
      await store.change(group.groupId, by, (read) => decideLeave(read, deleted));
    });
  }
}

/** Refuses a message to more channels than one request can reach: it would time out at every attempt. */
function requireReach(legs: readonly Leg[]): void {
  const { channelsOfSend } = LIMITS.groups;
  const channels = legs.reduce((sum, { destinations }) => sum + destinations.length, 0);
  if (channels > channelsOfSend) throw new GoTalkError("group_too_large", { values: [channelsOfSend] });
}
