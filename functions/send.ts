import { checkMessageIdTime } from "../lib/channel/message-id-time.ts";
import { type Reply, type Request, serve } from "../lib/http/http.ts";
import { checkContentSize, SendBody, validate } from "../lib/http/schemas.ts";
import { Wakes } from "../lib/live/wakes.ts";
import { timestamp } from "../lib/runtime/clock.ts";
import { GoTalkError } from "../lib/runtime/errors.ts";
import { positionOf } from "../lib/runtime/ids.ts";
import { gateway, listeners } from "../lib/services/live-services.ts";
import {
  addressLimit,
  channelBound,
  messages,
  meter,
  now,
  ownHosts,
  receivers,
  sending,
  sendLimit,
  sessionCheck,
  tokens,
} from "../lib/services/services.ts";
import { identify } from "../lib/tokens/caller.ts";

const wakes = gateway && new Wakes(listeners, gateway, meter.count, now);

/**
 * `POST /send`: puts a message on the receiver's channel, then wakes the receiver's connections. Two round trips to the
 * database, one write unit. One more to look at the sender's rate, once in `LIMITS.send.lease` messages of a program.
 *
 * A repeat wakes nobody, and is answered like a first try. If the first try stored the message and died before the wake,
 * the receiver finds it by its next ping or sync: a connected client makes either every 5 minutes.
 */
async function send(request: Request): Promise<Reply> {
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

export const handler = serve(addressLimit.guard(send), meter, ownHosts);
