import { validate as isUuid } from "uuid";
import { LIMITS } from "../contract/limits.ts";
import { LocalRate } from "../rates/rate.ts";
import { allOf, bestEffort } from "../runtime/best-effort.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Connection, Listeners } from "./listeners.ts";
import { textOf } from "./live-frames.ts";
import type { LiveGateway } from "./live-gateway.ts";
import { post } from "./post.ts";
import type { TypingPermits, Typist } from "./typing-permits.ts";

/**
 * Reads the members of a group for one of them.
 *
 * @returns None if there is no such group, or the user is no member of it.
 */
export type MembersOf = (groupId: string, userId: string) => Promise<readonly string[]>;

/** A user on the other side. */
interface Listening {
  readonly other: string;
  readonly connections: readonly Connection[];
}

/** In characters. The rates keep ids in memory, and a frame may have 32 KB. */
const LONGEST_ID = 64;

interface Parts {
  readonly permits: TypingPermits;
  readonly listeners: Listeners;
  readonly gateway: LiveGateway;
  readonly now: Clock;
  /** Without it nothing goes to groups. */
  readonly membersOf?: MembersOf | undefined;
}

/**
 * Tells the other side of a conversation at once that a user is typing. Nothing is stored, and nothing depends on it. A frame that
 * is past a rate, that fails or that nobody may get is dropped silently. So it does not show its sender whether a user exists, is
 * connected or has blocked the sender.
 *
 * It costs one round trip to the database: a query for each user on the other side, and beside them one call that reads the blocks
 * and whether the connection is still held. That is 1.5 read units for a conversation of two. A frame past a rate costs no call.
 */
export class Typing {
  readonly #parts: Parts;
  /** By the user and the conversation. */
  readonly #conversations: LocalRate;
  /** By the user, in all conversations: a stolen connection must not have many users looked up. */
  readonly #users: LocalRate;
  /** By the user whose connections are told. */
  readonly #told: LocalRate;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { conversation, user, told } = LIMITS.live.typing;
    this.#conversations = new LocalRate(conversation, parts.now);
    this.#users = new LocalRate(user, parts.now);
    this.#told = new LocalRate(told, parts.now);
  }

  /**
   * Never fails, and takes no longer than `LIMITS.live.typing.time`.
   *
   * @param toId As in a send.
   */
  async relay(typist: Typist, toId: string): Promise<void> {
    const { userId } = typist;
    if (toId === userId || toId.length > LONGEST_ID) return;
    if (this.#conversations.consume(`${userId}>${toId}`) > 0 || this.#users.consume(userId) > 0) return;
    await bestEffort("tell that a user is typing", LIMITS.live.typing.time, async (signal) => {
      const others = await this.#othersIn(toId, userId);
      if (others.length === 0) return;
      const [mayBeTold, listening] = await Promise.all([this.#parts.permits.read(typist, others), this.#find(others)]);
      const frame = textOf({ type: "typing", senderId: userId, ...(isUuid(toId) ? {} : { toId }) });
      await allOf(listening.filter(({ other }) => mayBeTold(other)).map((one) => this.#tell(one, frame, signal)));
    });
  }

  /** The other users of a conversation; none if there are too many. */
  async #othersIn(toId: string, userId: string): Promise<readonly string[]> {
    if (isUuid(toId)) return [toId];
    const members = (await this.#parts.membersOf?.(toId, userId)) ?? [];
    return members.length > LIMITS.live.typing.members ? [] : members.filter((member) => member !== userId);
  }

  #find(others: readonly string[]): Promise<Listening[]> {
    return Promise.all(others.map(async (other) => ({ other, connections: await this.#parts.listeners.list(other) })));
  }

  async #tell({ other, connections }: Listening, frame: string, signal: AbortSignal): Promise<void> {
    if (this.#told.consume(other, connections.length) > 0) return;
    await allOf(
      connections.map(async ({ connectionId }) => {
        const exists = await post(this.#parts.gateway, connectionId, frame, signal);
        if (!exists) await this.#parts.listeners.remove(other, connectionId);
      }),
    );
  }
}
