import { mayBeConnected } from "../channel/profiles.ts";
import type { SendRequest } from "../channel/sending.ts";
import { LIMITS } from "../contract/limits.ts";
import type { SendWakes } from "../devices/send-wakes.ts";
import { bestEffort } from "../runtime/best-effort.ts";
import type { Clock } from "../runtime/clock.ts";
import { eachOf } from "../runtime/each-of.ts";
import type { GroupAnswer, Leg } from "./group-fan-out.ts";

/** What wakes the members, and who need no push. */
interface PreparedWakes {
  /** In `LIMITS.live.firstWakeTime` at most, and it never fails. To be called once the message is there. */
  readonly wake: (sent: GroupAnswer) => Promise<void>;
  /** The ids of the devices that have connections. It never rejects. */
  readonly connected: Promise<ReadonlySet<string>>;
}

/** Wakes for one message, given the channels whose heads it asks for: they are read at once. */
type WakesFor = (channels: readonly string[]) => Pick<SendWakes, "lookUp">;

/**
 * Wakes the members of a group: one look-up of connections for each who may have some, and one call for the heads of 100 channels, all
 * in parallel to the puts. Each member is woken as by any message (`send-wakes.ts`). What is not done in time is left out: those
 * members find the message by their next ping.
 */
export class GroupWakes {
  readonly #wakesFor: WakesFor;
  readonly #now: Clock;

  constructor(wakesFor: WakesFor, now: Clock) {
    this.#wakesFor = wakesFor;
    this.#now = now;
  }

  /**
   * Looks up the members' connections.
   *
   * @param legs Where the message goes.
   */
  prepare(message: SendRequest, legs: readonly Leg[]): PreparedWakes {
    const { lookedUpAtOnce, wokenAtOnce } = LIMITS.groups;
    const listening = legs.filter(({ party }) => mayBeConnected(party, this.#now()));
    const wakes = this.#wakesFor(headsFor(message, listening));
    const looking = eachOf(listening, lookedUpAtOnce, async ({ party, destinations }) => {
      const found = wakes.lookUp(message, party.id, destinations);
      await found?.isDone;
      return found && { wake: found.wake, connected: await found.connected };
    });
    // It may never be awaited, and an unhandled rejection ends the process.
    const connected = looking.then(
      (all) => new Set(all.flatMap((found) => [...(found?.connected ?? [])])),
      () => new Set<string>(),
    );
    const wake = (sent: GroupAnswer): Promise<void> =>
      bestEffort("wake the members of a group", LIMITS.live.firstWakeTime, async (signal) => {
        await eachOf(await looking, wokenAtOnce, async (found) => (signal.aborted ? undefined : found?.wake(sent)));
      });
    return { wake, connected };
  }
}

/** The channels whose heads tell whether the message is a repeat: none if the server makes its id. */
const headsFor = ({ messageId }: SendRequest, legs: readonly Leg[]): string[] =>
  messageId === undefined ? [] : legs.flatMap(({ destinations }) => destinations.map(({ channel }) => channel));
