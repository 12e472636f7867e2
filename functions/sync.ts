import { present } from "../lib/channel/answer-bytes.ts";
import { LIMITS } from "../lib/contract/limits.ts";
import { type Reply, type Request, serve } from "../lib/http/http.ts";
import { SyncBody, validate } from "../lib/http/schemas.ts";
import { once } from "../lib/runtime/once.ts";
import {
  addressLimit,
  delivery,
  meter,
  ownHosts,
  replayLimit,
  sessionCheck,
  syncLimit,
  tokens,
} from "../lib/services/services.ts";
import { identify } from "../lib/tokens/caller.ts";

/**
 * `POST /sync`: takes messages off the caller's channel. While the channel is read the session is looked at cheaply; a
 * sync that finds something to do looks at it once more, strongly consistent, before it does it. Then the first look says
 * nothing any more: a fault of it must not throw away messages that a sync without `ack` has settled.
 *
 * The sync counts for the user's rate once the session has been looked at, so that a token of an ended session takes
 * nothing off it, and before anything is written. It counts once for each `LIMITS.syncBytes` that were read until then.
 */
async function sync(request: Request): Promise<Reply> {
  const { token, id, username, ack, limit } = validate(SyncBody, request.fields());
  const caller = await identify(tokens, { token, id, username });
  sessionCheck.refuseGone(caller);
  syncLimit.check(caller.userId);
  let isProven = false;
  let bytesRead = 0;
  const take = once(() => syncLimit.take(caller.userId, weightOf(bytesRead)));
  const look = sessionCheck.requireLately(caller);
  // Nobody may ask for its outcome, and a rejection that nobody handles ends the process.
  look.catch(() => undefined);
  const answer = await delivery.sync({
    receiverId: caller.userId,
    ack,
    limit,
    authorize: async () => {
      await sessionCheck.require(caller);
      await take();
      isProven = true;
    },
    authorizeReplay: once(() => replayLimit.take(caller.userId)),
    onRead: (bytes) => {
      bytesRead += bytes;
    },
    answerBy: request.answerBy,
  });
  if (!isProven) {
    await look;
    await take();
  }
  return { status: 200, body: { ...answer, messages: answer.messages.map(present) } };
}

const weightOf = (bytes: number): number =>
  Math.min(LIMITS.sync.lease, Math.max(1, Math.ceil(bytes / LIMITS.syncBytes)));

export const handler = serve(addressLimit.guard(sync), meter, ownHosts);
