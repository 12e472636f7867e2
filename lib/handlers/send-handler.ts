import type { ChannelBound } from "../channel/channel-bound.ts";
import { checkMessageIdTime } from "../channel/message-id-time.ts";
import type { MessageStore } from "../channel/message-store.ts";
import type { Receivers } from "../channel/receivers.ts";
import type { Sending } from "../channel/sending.ts";
import type { Handler, Reply, Request } from "../http/http.ts";
import { checkContentSize, SendBody, validate } from "../http/schemas.ts";
import type { Wakes } from "../live/wakes.ts";
import type { UserLimit } from "../rates/user-limit.ts";
import { type Clock, timestamp } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { positionOf } from "../runtime/ids.ts";
import { identify } from "../tokens/caller.ts";
import type { SessionCheck } from "../tokens/session-check.ts";
import type { Tokens } from "../tokens/tokens.ts";
import { type GuardServices, serveGuarded } from "./guarded.ts";

export interface SendServices extends GuardServices {
  readonly tokens: Tokens;
  readonly sessionCheck: SessionCheck;
  readonly sendLimit: UserLimit;
  readonly receivers: Receivers;
  readonly channelBound: ChannelBound;
  readonly messages: MessageStore;
  readonly sending: Sending;
  /** Without it nobody is woken, and clients poll. */
  readonly wakes: Wakes | undefined;
  readonly now: Clock;
}

/** Makes the handler of `POST /send`. */
export const makeSend = (services: SendServices): Handler =>
  serveGuarded(services, (request) => send(services, request));

/**
 * `POST /send`: puts a message on the receiver's channel, then wakes the receiver's connections. Two round trips to the
 * database, one write unit. One more for the sender's rate, once in `LIMITS.send.lease` messages of a program.
 *
 * A repeat wakes nobody, and is answered like a first try. If the first try stored the message and died before the wake,
 * the receiver finds it by its next ping or sync: a connected client makes either every 5 minutes.
 */
async function send(services: SendServices, request: Request): Promise<Reply> {
  const { tokens, sessionCheck, sendLimit, receivers, channelBound, messages, sending, wakes, now } = services;
  const { token, id, username, sendToId, content, messageId } = validate(SendBody, request.fields());
  checkContentSize(content);
  if (messageId !== undefined) checkMessageIdTime(messageId, now());
  const caller = await identify(tokens, { token, id, username });
  sessionCheck.refuseGone(caller);
  sendLimit.check(caller.userId);
  // A repeat of a message that was delivered finds nothing in its way. Only the head knows it.
  const isRepeat = async () =>
    messageId !== undefined && messages.hasHandedOut(sendToId, positionOf(messageId, caller.userId));
  const wake = wakes?.prepare(sendToId, isRepeat);
  const [receiver] = await Promise.all([
    receivers.find(sendToId, caller.userId),
    // In turn: what a stolen token of an ended session sends is not taken off its user's rate.
    sessionCheck.require(caller).then(() => sendLimit.take(caller.userId)),
  ]);
  if (!receiver) throw new GoTalkError("unknown_receiver");
  if (receiver.hasBlocked) throw new GoTalkError("blocked");
  await channelBound.check(receiver);

  const sent = await sending.send({
    receiverId: sendToId,
    senderId: caller.userId,
    senderName: caller.username,
    content,
    messageId,
  });
  if (!sent.duplicate) await wake?.();
  return {
    status: 202,
    body: { status: "received", messageId: sent.messageId, sentAt: timestamp(sent.sentAt) },
  };
}
