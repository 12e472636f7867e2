import { randomBytes } from "node:crypto";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { LIMITS } from "../contract/limits.ts";
import { epochSeconds } from "../runtime/clock.ts";
import { type ChannelItem, keyOf } from "./stored-message.ts";

/*
 * A channel that is full takes no more messages, and must not stop the user's other channels. A send that skips it puts one item
 * on it that says so. The next sync of the channel says `missed: true`, and the item is deleted once a client has acknowledged that.
 */

/** Behind the head and before every message, so that a query from the start reads it with them. */
export const MISSED_POSITION = "#missed";

/** A channel has missed messages since its client was last told so. */
export interface Missed {
  /** Random, another one with each message that is missed: what is deleted is what a client was told, and nothing newer. */
  readonly mark: string;
  /** The end of the message's retention, in epoch seconds. DynamoDB deletes late, so every reader has to look at it. */
  readonly expiresAt: number;
}

const MARK_BYTES = 8;

/** @param now Milliseconds since the epoch. */
export const newMissed = (now: number): Missed => ({
  mark: randomBytes(MARK_BYTES).toString("hex"),
  expiresAt: epochSeconds(now + LIMITS.retention),
});

export const missedToItem = (channel: string, { mark, expiresAt }: Missed): ChannelItem => ({
  ...keyOf(channel, MISSED_POSITION),
  mark: { S: mark },
  expiresAt: { N: String(expiresAt) },
});

export function itemToMissed(item: ChannelItem): Missed {
  const { mark, expiresAt } = unmarshall(item) as Missed;
  return { mark, expiresAt };
}
