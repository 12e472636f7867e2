import type { SendAnswer, Sending, SendRequest } from "../channel/sending.ts";
import type { Device } from "../devices/device-map.ts";
import { type Destination, type FanOut, sentFrom } from "../devices/fan-out.ts";
import type { Party } from "../devices/parties.ts";
import { othersOf, staying } from "../devices/targets.ts";
import type { Group } from "./group.ts";

/** Where a message to a group comes from. */
interface GroupSender {
  readonly id: string;
  /** The device that sends, which gets no copy: its channel, as in `Caller`. Without it all of the sender's personal devices do. */
  readonly device?: { readonly channel: string | undefined };
  /** Whether the sender's own devices get it. */
  readonly copies: boolean;
}

/** The channels of one member that a message goes to. */
export interface Leg {
  readonly party: Party;
  readonly destinations: readonly Destination[];
  /** All of them are full: the member misses the message. */
  readonly isShut: boolean;
}

export interface GroupAnswer extends SendAnswer {
  readonly stored: readonly Destination[];
  /** The members all of whose channels are full, by their ids. */
  readonly missedBy: readonly string[];
}

interface Parts {
  readonly sending: Sending;
  readonly fanOut: FanOut;
}

/**
 * Puts a message to a group on every device of every member, and on the sender's other ones: one copy each, all under the same
 * position, and each one bears the group as `toId`. If all channels of a member are full, the others still get it: the
 * member's clients are told that they have missed something, and the sender is told who has missed it.
 */
export class GroupFanOut {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * No call, unless chance has a channel counted, see `ChannelBound`.
   *
   * @param members Those that exist.
   */
  async route(
    { groupId, name }: Pick<Group, "groupId" | "name">,
    members: readonly Party[],
    sender: GroupSender,
  ): Promise<Leg[]> {
    const to = { toId: groupId, toName: name };
    const own = members.find(({ id }) => id === sender.id);
    const ownFrom = sender.device && sentFrom(own, sender.device.channel);
    return Promise.all(
      members.map(async (party) => {
        const checked = await this.#parts.fanOut.check(party, devicesFor(party, sender));
        const from = party.id === sender.id ? ownFrom : undefined;
        return {
          party,
          destinations: checked.map(({ destination }) => ({ ...destination, to, sentFrom: from })),
          isShut: checked.length > 0 && checked.every(({ refusal }) => refusal !== undefined),
        };
      }),
    );
  }

  /**
   * It resolves once the message is on all channels that are not full.
   *
   * @throws {GoTalkError} `message_id_reused`: See `Sending.send`.
   * @throws {Unavailable} Some of it may be stored. The same message can be sent again: what is there is found, the rest is
   *   stored.
   */
  async send(message: SendRequest, legs: readonly Leg[]): Promise<GroupAnswer> {
    const destinations = legs.flatMap((leg) => leg.destinations);
    const sent = await this.#parts.sending.send(message, destinations);
    await Promise.all(
      legs.map(({ party, destinations: own, isShut }) => {
        const isKept = !isShut && party.id !== message.senderId;
        return this.#parts.fanOut.markMissed(party, own, isKept);
      }),
    );
    const stored = new Set(sent.stored);
    return {
      ...sent,
      stored: destinations.filter((one) => stored.has(one)),
      missedBy: legs
        .filter(({ isShut, party }) => isShut && party.id !== message.senderId)
        .map(({ party }) => party.id),
    };
  }
}

function devicesFor({ id, devices }: Party, { id: senderId, device, copies }: GroupSender): Device[] {
  if (id !== senderId) return staying(devices);
  if (!copies) return [];
  return device === undefined ? staying(devices).filter(({ shared }) => !shared) : othersOf(devices, device.channel);
}
