import type { User } from "./model.ts";
import type { CallOptions, Outgoing } from "./options.ts";
import type { Timing } from "./timing.ts";

/** How long an answer of the server holds, in milliseconds. */
const HOLDS_MS = 60_000;

interface BlockedHost {
  readonly timing: Pick<Timing, "now">;
  /** The users whom this user has blocked, as `Client.blocks` asks for them. */
  blocks(options: CallOptions): Promise<readonly User[]>;
  send(outgoing: Outgoing): Promise<unknown>;
}

interface Answer {
  readonly askedAt: number;
  readonly ids: Promise<ReadonlySet<string>>;
}

/**
 * Sends what goes to one person, unless the user has blocked that person. The server is asked before a send, and once a minute at
 * most: so a user who sends nothing costs nothing.
 *
 * @returns a function that throws what `blocks` and `send` throw. After a failure the next call asks again
 */
export function unlessBlocked({ timing, blocks, send }: BlockedHost): (outgoing: Outgoing) => Promise<unknown> {
  let last: Answer | undefined;
  const ask = async (options: CallOptions) => new Set((await blocks(options)).map(({ id }) => id));
  const blockedIds = async (options: CallOptions) => {
    const now = timing.now();
    const answer = last && now - last.askedAt < HOLDS_MS ? last : { askedAt: now, ids: ask(options) };
    last = answer;
    try {
      return await answer.ids;
    } catch (error) {
      if (last === answer) last = undefined;
      throw error;
    }
  };
  return async (outgoing) => {
    // What ends the send ends the question.
    const { to, signal } = outgoing;
    const ids = await blockedIds({ ...(signal && { signal }) });
    return ids.has(to) ? undefined : send(outgoing);
  };
}
