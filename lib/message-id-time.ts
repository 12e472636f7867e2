import { timestamp } from "./clock.ts";
import { MessageIdTime } from "./errors.ts";
import { LIMITS } from "./limits.ts";

const DAY = 24 * 60 * 60_000;
const MINUTE = 60_000;

/** The time in a UUIDv7, in milliseconds since the epoch: its first 48 bits (RFC 9562, 5.7). */
export const timeOf = (messageId: string): number => Number.parseInt(messageId.replace("-", "").slice(0, 12), 16);

/**
 * Checks the time in an id that a sender has chosen. Both bounds are within.
 *
 * @param now In milliseconds since the epoch.
 * @throws {MessageIdTime} It is outside `LIMITS.messageId`.
 */
export function checkMessageIdTime(messageId: string, now: number): void {
  const { past, future } = LIMITS.messageId;
  const age = now - timeOf(messageId);
  if (age > past) throw new MessageIdTime(`more than ${past / DAY} days before the server's`, timestamp(now));
  if (age < -future)
    throw new MessageIdTime(`more than ${future / MINUTE} minutes ahead of the server's`, timestamp(now));
}
