import type { JsonObject } from "../../../lib/contract/json.ts";
import { timeOf } from "../../../lib/contract/uuid-time.ts";
import { isConversationId, isGroup, isMessageId, isTime, isUserId } from "./values.ts";

/** Which message a line is, and where and when it was sent. */
interface Envelope {
  /** Of the conversation. */
  readonly peerId: string;
  readonly senderId: string;
  readonly messageId: string;
  readonly sentAt: string;
}

/** How far ahead of this machine's clock a message's time may be, in milliseconds. It would stay behind all later ones. */
const AHEAD = 86_400_000;

/**
 * How far a message's time may be from the time in its id, in milliseconds. The server takes an id for 31 days, and clocks
 * may differ: a day more.
 */
const APART = 32 * 86_400_000;

/** Whether a server could have handed out such a message to this user. */
export function isEnvelope(entry: JsonObject | Envelope, ownId: string): entry is Envelope {
  const { peerId, senderId, messageId, sentAt } = entry;
  return (
    isConversationId(peerId) &&
    isUserId(senderId) &&
    (senderId === ownId || senderId === peerId || isGroup(peerId)) &&
    isMessageId(messageId) &&
    isTime(sentAt) &&
    Math.abs(Date.parse(sentAt) - timeOf(messageId)) <= APART
  );
}

/** Whether it has come already, by this machine's clock. */
export const isPast = ({ sentAt }: Pick<Envelope, "sentAt">): boolean => Date.parse(sentAt) <= Date.now() + AHEAD;
