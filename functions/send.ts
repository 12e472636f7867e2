import { identify } from "../lib/caller.ts";
import { timestamp } from "../lib/clock.ts";
import { Blocked, UnknownReceiver } from "../lib/errors.ts";
import { serve } from "../lib/http.ts";
import { connections, gateway } from "../lib/live-services.ts";
import { checkContentSize, SendBody, validate } from "../lib/schemas.ts";
import { blocks, channelBound, meter, sending, sendLimit, sessionCheck, tokens, users } from "../lib/services.ts";
import { Wakes } from "../lib/wakes.ts";

const wakes = gateway && new Wakes(connections, gateway, meter.count);

/**
 * `POST /send`: puts a message on the receiver's channel, then wakes the receiver's connections. Two round trips to the
 * database, one write unit. One more to look at the sender's rate, once in `LIMITS.send.lease` messages of a program.
 */
export const handler = serve(async (request) => {
  const { token, id, username, sendToId, content, messageId } = validate(SendBody, request.fields());
  checkContentSize(content);
  const caller = await identify(tokens, { token, id, username });
  const wake = wakes?.prepare(sendToId);
  const [receiver, isBlocked] = await Promise.all([
    users.profile(sendToId),
    blocks.has(sendToId, caller.userId),
    // In turn: what a stolen token of an ended session sends is not taken off its user's rate.
    sessionCheck.require(caller).then(() => sendLimit.take(caller.userId)),
  ]);
  if (!receiver) throw new UnknownReceiver();
  if (isBlocked) throw new Blocked();
  await channelBound.check(receiver);

  const sent = await sending.send({
    receiverId: sendToId,
    senderId: caller.userId,
    senderName: caller.username,
    content,
    messageId,
  });
  await wake?.();
  return {
    status: 202,
    body: {
      status: "received",
      messageId: sent.messageId,
      sentAt: timestamp(sent.sentAt),
      duplicate: sent.duplicate,
    },
  };
}, meter);
