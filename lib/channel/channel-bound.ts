import { LIMITS } from "../contract/limits.ts";
import { bestEffort } from "../runtime/best-effort.ts";
import type { Clock } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { channelKey } from "../runtime/ids.ts";
import type { MessageStore } from "./message-store.ts";
import type { Backlog, Profiles } from "./profiles.ts";

const PAGE_BYTES = 2 ** 20;

/**
 * Bounds the messages that wait on a channel, without a counter that every send would have to write. Now and then a send
 * counts them, and notes the count at the receiver's profile, which each send reads anyway. Each channel of a user has a bound
 * of its own.
 *
 * How often depends on the room that the last count left: a tenth of the room is sent on average until the next count,
 * but never less than a hundredth of the bound. So an idle channel is counted once in a hundredth of a bound of messages,
 * which then is cheap, and a channel that fills up is noticed within a few hundredths of its bound: the chance to miss
 * that for a tenth of the bound is below e^-10.
 *
 * Messages that are long on average, above `LIMITS.channel.averageBytes`, fill a channel by their bytes.
 */
export class ChannelBound {
  readonly #store: MessageStore;
  readonly #profiles: Profiles;
  readonly #now: Clock;
  readonly #most: number;
  /** Of 1 MB, which is what DynamoDB reads at once. */
  readonly #mostPages: number;
  readonly #random: () => number;

  /** @param most Messages that may wait on one channel. */
  constructor(store: MessageStore, profiles: Profiles, now: Clock, most: number, random: () => number = Math.random) {
    this.#store = store;
    this.#profiles = profiles;
    this.#now = now;
    this.#most = most;
    this.#mostPages = Math.ceil((most * LIMITS.channel.averageBytes) / PAGE_BYTES);
    this.#random = random;
  }

  /**
   * What {@link check} throws of a full channel, as a value: one such must not stop the user's others.
   *
   * @param isUnread As in {@link check}.
   */
  async refusalOf(channel: Backlog, isUnread = false): Promise<GoTalkError | undefined> {
    try {
      await this.check(channel, isUnread);
      return undefined;
    } catch (error) {
      if (error instanceof GoTalkError && error.code === "channel_full") return error;
      throw error;
    }
  }

  /**
   * @param isUnread Nobody has fetched anything there since the last count. A full channel is then counted again more seldom.
   * @throws {GoTalkError} `channel_full`: The receiver has to fetch messages first.
   */
  async check(channel: Backlog, isUnread = false): Promise<void> {
    if (channel.backlog >= this.#most) {
      const { recount, recountUnread } = LIMITS.channel;
      const age = this.#now() - channel.countedAt;
      const left = (isUnread ? recountUnread : recount) - age;
      // A count from further ahead was made by a clock that has been set back since.
      const isCurrent = left > 0 && age >= -LIMITS.clocksApart;
      // Once the receiver fetches, it is counted as soon as any other.
      if (isCurrent) throw new GoTalkError("channel_full", { retryAfter: Math.ceil(Math.min(left, recount) / 1_000) });
      return this.#countAgain(channel);
    }
    if (this.#random() >= this.#chance(channel.backlog)) return;
    let backlog = 0;
    // A message that may have room is not refused because nobody could count.
    await bestEffort("count a channel", LIMITS.channel.countTime, async (signal) => {
      backlog = await this.#count(channel, channel, signal);
    });
    if (backlog >= this.#most) throw channelFull();
  }

  /**
   * Of the senders that find a full channel due for a new count, one counts; the others take it for full. So does that one, if
   * the count fails or takes too long.
   */
  async #countAgain(channel: Backlog): Promise<void> {
    const seen = { ...channel, countedAt: this.#now() };
    if (!(await this.#profiles.storeBacklog(channel, seen))) throw channelFull();
    let backlog = this.#most;
    await bestEffort("count a full channel again", LIMITS.channel.countTime, async (signal) => {
      backlog = await this.#count(channel, seen, signal);
    });
    if (backlog >= this.#most) throw channelFull();
  }

  /** @param seen What is noted of the channel now. */
  async #count(channel: Backlog, seen: Backlog, signal: AbortSignal): Promise<number> {
    const countedAt = this.#now();
    const key = channelKey(channel.id, channel.channel);
    const backlog = await this.#store.count(key, this.#most, this.#mostPages, signal);
    await this.#profiles.storeBacklog(seen, { backlog, countedAt });
    return backlog;
  }

  /** That a send counts, given what the last count found. */
  #chance(backlog: number): number {
    const room = Math.max(this.#most - backlog, this.#most / 10);
    return 10 / room;
  }
}

const channelFull = (): GoTalkError =>
  new GoTalkError("channel_full", { retryAfter: Math.ceil(LIMITS.channel.recount / 1_000) });
