import { identify } from "../lib/caller.ts";
import { timestamp } from "../lib/clock.ts";
import type { DeliveredMessage } from "../lib/delivery.ts";
import { serve } from "../lib/http.ts";
import { idsOf } from "../lib/ids.ts";
import { SyncBody, validate } from "../lib/schemas.ts";
import { delivery, meter, ownHosts, sessionCheck, tokens } from "../lib/services.ts";

/**
 * `POST /sync`: takes messages off the caller's channel. While the channel is read the session is looked at cheaply; a
 * sync that finds something to do looks at it once more, strongly consistent, before it does it. Then the first look says
 * nothing any more: a fault of it must not throw away messages that a sync without `ack` has settled.
 */
export const handler = serve(
  async (request) => {
    const { token, id, username, ack, limit } = validate(SyncBody, request.fields());
    const caller = await identify(tokens, { token, id, username });
    let isProven = false;
    const authorize = async (): Promise<void> => {
      await sessionCheck.require(caller);
      isProven = true;
    };
    const look = sessionCheck.requireLately(caller);
    // Nobody may ask for its outcome, and a rejection that nobody handles ends the process.
    look.catch(() => undefined);
    const { answerBy } = request;
    const answer = await delivery.sync({ receiverId: caller.userId, ack, limit, authorize, answerBy });
    if (!isProven) await look;
    return { status: 200, body: { ...answer, messages: answer.messages.map(present) } };
  },
  meter,
  ownHosts,
);

const present = ({ position, senderName, content, sentAt, redelivered }: DeliveredMessage) => ({
  ...idsOf(position),
  senderName,
  content,
  sentAt: timestamp(sentAt),
  redelivered,
});
