import { identify } from "../lib/caller.ts";
import { timestamp } from "../lib/clock.ts";
import type { DeliveredMessage } from "../lib/delivery.ts";
import { serve } from "../lib/http.ts";
import { idsOf } from "../lib/ids.ts";
import { SyncBody, validate } from "../lib/schemas.ts";
import { delivery, meter, sessionCheck, tokens } from "../lib/services.ts";

/**
 * `POST /sync`: takes messages off the caller's channel. While the channel is read the session is looked at cheaply; a
 * sync that finds something to do looks at it once more, strongly consistent, before it does it.
 */
export const handler = serve(async (request) => {
  const { token, id, username, ack, limit } = validate(SyncBody, request.fields());
  const caller = await identify(tokens, { token, id, username });
  const [answer] = await Promise.all([
    delivery.sync({ receiverId: caller.userId, ack, limit, authorize: () => sessionCheck.require(caller) }),
    sessionCheck.requireLately(caller),
  ]);
  return { status: 200, body: { ...answer, messages: answer.messages.map(present) } };
}, meter);

const present = ({ position, senderName, content, sentAt, redelivered }: DeliveredMessage) => ({
  ...idsOf(position),
  senderName,
  content,
  sentAt: timestamp(sentAt),
  redelivered,
});
