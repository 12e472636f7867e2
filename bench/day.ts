import { Client, type Poll } from "../lib/client/index.ts";
import { SAFETY_NET } from "../lib/client/pace.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const SESSION = { token: "t", id: "bob", username: "bob", receipt: "r", expiresAt: "2100-01-01T00:00:00.000Z" };

/** The syncs of one day, by what they did. */
export interface Syncs {
  readonly handingOut: number;
  readonly settling: number;
  readonly empty: number;
}

/** How a client learns of a message. */
export interface Manner {
  /** It is told so in that moment. */
  readonly isWoken: boolean;
  readonly poll?: Poll;
}

/** By its own, adaptive interval. */
export const POLLING: Manner = { isWoken: false };

/** Over a WebSocket; what it asks for all the same is what `receive` does then, in case a wake is lost. */
export const WOKEN: Manner = { isWoken: true, poll: SAFETY_NET };

/**
 * Lets the real client receive for a day of a clock that only runs while it sleeps, from a channel that has what came.
 *
 * @param arrivals Milliseconds since midnight, in order.
 */
export async function day(arrivals: readonly number[], { isWoken, poll }: Manner): Promise<Syncs> {
  const syncs = { handingOut: 0, settling: 0, empty: 0 };
  let now = 0;
  let next = 0;
  let unsettled = false;
  const end = new AbortController();

  function answer(): object {
    const first = next;
    while ((arrivals[next] ?? Number.POSITIVE_INFINITY) <= now) next++;
    const messages = arrivals.slice(first, next).map((sentAt, index) => ({
      messageId: String(first + index),
      senderId: "alice",
      senderName: "alice",
      content: "Hello",
      sentAt: new Date(sentAt).toISOString(),
      redelivered: false,
    }));
    if (messages.length > 0) syncs.handingOut++;
    else if (unsettled) syncs.settling++;
    else syncs.empty++;
    unsettled = messages.length > 0;
    return { messages, receipt: `r${next}`, more: false };
  }

  const client = new Client({
    url: "",
    live: false,
    session: SESSION,
    fetch: () => Promise.resolve(Response.json(answer())),
    timing: {
      now: () => now,
      // The mean of it, so that each day is the same.
      random: () => 0.5,
      sleep: (milliseconds) => {
        const over = now + milliseconds;
        now = isWoken ? Math.min(over, arrivals[next] ?? over) : over;
        if (now >= DAY_MS) end.abort();
        return Promise.resolve();
      },
    },
  });
  for await (const _ of client.receive({ signal: end.signal, ...(poll && { poll }) }));
  return syncs;
}

/** Conversations over the whole day, each of several messages with the same pause between them. */
export function conversations(perDay: number, messages: number, pauseMs: number): number[] {
  return Array.from({ length: perDay }, (_, conversation) =>
    Array.from({ length: messages }, (_, message) => (conversation * DAY_MS) / perDay + message * pauseMs),
  ).flat();
}
