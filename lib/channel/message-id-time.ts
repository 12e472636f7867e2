import { LIMITS } from "../contract/limits.ts";
import { timeOf } from "../contract/uuid-time.ts";
import { timestamp } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";

const DAY = 24 * 60 * 60_000;
const MINUTE = 60_000;

/**
 * Checks the time in an id that a sender has chosen. Both bounds are within.
 *
 * @param now In milliseconds since the epoch.
 * @throws {GoTalkError} `message_id_time`: It is outside `LIMITS.messageId`.
 */
export function checkMessageIdTime(messageId: string, now: number): void {
  const { past, future } = LIMITS.messageId;
  const age = now - timeOf(messageId);
  if (age > past)
    throw new GoTalkError("message_id_time", {
      values: [`more than ${past / DAY} days before the server's`],
      members: { serverTime: timestamp(now) },
    });
  if (age < -future)
    throw new GoTalkError("message_id_time", {
      values: [`more than ${future / MINUTE} minutes ahead of the server's`],
      members: { serverTime: timestamp(now) },
    });
}
