import type { ChannelView } from "./channel-view.ts";
import { digestOf, type Head } from "./head.ts";

/** What a sync does about the item `#missed`, by its mark. */
interface Notice {
  /** The answer tells it. */
  readonly tells?: string | undefined;
  /** It is to be deleted: a client has acknowledged it, or will never do so; or it is past its retention. */
  readonly ends?: string | undefined;
}

/** The flag `missed` of an answer. */
export const missedFlag = (told: string | undefined): { readonly missed?: true } =>
  told === undefined ? {} : { missed: true };

/**
 * A batch carries the notice that its channel has missed messages, and acknowledging the batch acknowledges the notice. If no
 * message waits, the notice goes out alone, with a receipt of its own and to one client at a time: other clients get nothing until
 * its lease is over. A sync without `ack` acknowledges it at once.
 *
 * @param now Milliseconds since the epoch.
 * @param isAlone No message is handed out with it.
 */
export function noticeOf(
  { head, missed }: ChannelView,
  ack: string | undefined,
  now: number,
  isAlone: boolean,
): Notice {
  if (missed === undefined) return {};
  if (missed.expiresAt <= now / 1_000) return { ends: missed.mark };
  const isTold = missed.mark === head.told;
  if (ack === undefined) return isTold && isHeld(head, now) && isAlone ? {} : { tells: missed.mark, ends: missed.mark };
  if (isTold && ack === head.receipt) return { ends: missed.mark };
  const isAnswerLost = digestOf(ack) === head.previous;
  return isTold && isHeld(head, now) && isAlone && !isAnswerLost ? {} : { tells: missed.mark };
}

const isHeld = ({ leaseExpiresAt }: Head, now: number): boolean => leaseExpiresAt > now;
