import type { ChannelStore } from "../channel/channel-store.ts";
import { classify } from "../channel/channel-view.ts";
import { extendLineage, type Head, NO_HEAD, newWrite } from "../channel/head.ts";
import type { MessageStore } from "../channel/message-store.ts";
import { mayRepeat } from "../channel/ring.ts";
import type { StoredMessage } from "../channel/stored-message.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Clock } from "../runtime/clock.ts";
import { eachOf } from "../runtime/each-of.ts";
import { Unavailable } from "../runtime/errors.ts";
import { channelKey, type Position } from "../runtime/ids.ts";
import type { Device } from "./device-map.ts";
import { handsOverBefore } from "./leave-decision.ts";

/** Puts that are on their way at once. */
const PUTS_AT_ONCE = 25;

/** Sorts after every position: the heir has everything. */
export const HANDED_ALL = "~";

/**
 * Copies what waits on a leaving device to its heir, or what waits on the shared device to a device that one of its sessions gets
 * for itself. It is `send`'s conditional put, so that what is there already stays as it is.
 *
 * - What was settled on the leaving channel is not put on the heir, though its item may still exist.
 * - What was handed out there and not acknowledged is put there, marked: its client may have processed it, and nobody can ask any
 *   more. So the heir hands it out flagged, as the next client of the leaving channel itself would get it. The same goes for
 *   what that channel may have handed out and forgotten.
 * - What was sent from the heir itself is no own copy there, and is left out.
 * - What the heir has got already and settled is known by its own ring, or comes flagged.
 *
 * All sessions on a device that leaves have ended before. But a sync that had been permitted may still be about to write the
 * head, and to hand out or settle what is being copied. So the head is written once more first: the sync's own write fails
 * then, and its next round finds that the session has ended. From then on the head does not change any more.
 */
export class WaitingCopy {
  readonly #channels: ChannelStore;
  readonly #messages: MessageStore;
  readonly #now: Clock;

  constructor(channels: ChannelStore, messages: MessageStore, now: Clock) {
    this.#channels = channels;
    this.#messages = messages;
    this.#now = now;
  }

  /**
   * @param from Its `handed` says how far an earlier call came.
   * @param until When to stop, in milliseconds since the epoch.
   * @returns How far it came: a position, {@link HANDED_ALL}, or `undefined` if nowhere.
   * @throws {Unavailable} The database is out of reach.
   */
  async copy(userId: string, from: Device, to: Device, until: number): Promise<string | undefined> {
    const source = channelKey(userId, from.channel);
    const target = channelKey(userId, to.channel);
    const before = handsOverBefore(from, to);
    const head = await this.#fence(source);
    // Another function has copied what was there, or the user is deleted.
    if (head === undefined) return HANDED_ALL;
    let handed = from.handed;
    while (this.#now() < until) {
      const page = await this.#channels.read(source, LIMITS.devices.handOverMessages, handed as Position | undefined);
      const view = classify({ ...page, head }, this.#now());
      const lacking = view.waiting.filter(({ sentAt, sentFrom }) => sentAt < before && sentFrom !== target);
      await this.#putAll(target, lacking, view.head);
      if (view.complete) return HANDED_ALL;
      handed = view.positions.at(-1) ?? handed;
    }
    return handed;
  }

  /** @returns The head, which no sync can write any more. `undefined` if the channel is closed. */
  async #fence(source: string): Promise<Head | undefined> {
    for (let round = 0; round < LIMITS.syncAttempts; round++) {
      const { head, isClosed } = await this.#channels.read(source, 0);
      if (isClosed) return undefined;
      const { lineage } = head ?? NO_HEAD;
      const next = { ...(head ?? NO_HEAD), lineage: extendLineage(lineage, newWrite()) };
      if ((await this.#channels.writeHead(source, head, next)) === "written") return next;
    }
    throw new Unavailable("the head of a leaving device was written by others each time");
  }

  async #putAll(target: string, messages: readonly StoredMessage[], head: Head): Promise<void> {
    const outstanding = new Set(head.outstanding);
    await eachOf(messages, PUTS_AT_ONCE, (message) => {
      const wasOut = outstanding.has(message.position) || mayRepeat(message, head);
      return this.#messages.put(target, wasOut ? { ...message, wasOut } : message, this.#now());
    });
  }
}
