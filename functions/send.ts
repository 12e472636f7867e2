import { identify } from "../lib/caller.ts";
import { timestamp } from "../lib/clock.ts";
import { UnknownReceiver } from "../lib/errors.ts";
import { serve } from "../lib/http.ts";
import { checkContentSize, SendBody, validate } from "../lib/schemas.ts";
import { delivery, sessions, tokens, users } from "../lib/services.ts";

/** `POST /send`: puts a message on the receiver's channel. Two round trips to the database, one write unit. */
export const handler = serve(async (request) => {
  const { token, id, username, sendToId, content, messageId } = validate(SendBody, request.fields());
  checkContentSize(content);
  const caller = await identify(tokens, { token, id, username });
  const [receiverExists] = await Promise.all([users.exists(sendToId), sessions.require(caller)]);
  if (!receiverExists) throw new UnknownReceiver();

  const sent = await delivery.send({
    receiverId: sendToId,
    senderId: caller.userId,
    senderName: caller.username,
    content,
    messageId,
  });
  return {
    status: 202,
    body: {
      status: "received",
      messageId: sent.messageId,
      sentAt: timestamp(sent.sentAt),
      duplicate: sent.duplicate,
    },
  };
});
