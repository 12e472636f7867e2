import { present } from "../channel/answer-bytes.ts";
import type { SyncAnswer } from "../channel/decision.ts";
import type { Delivery } from "../channel/delivery.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Presence } from "../devices/presence.ts";
import type { Handler, Reply, Request } from "../http/http.ts";
import { SyncBody, validate } from "../http/schemas.ts";
import type { UserLimit } from "../rates/user-limit.ts";
import { channelKey } from "../runtime/ids.ts";
import { once } from "../runtime/once.ts";
import { identify } from "../tokens/caller.ts";
import type { SessionCheck } from "../tokens/session-check.ts";
import type { Tokens } from "../tokens/tokens.ts";
import { type GuardServices, serveGuarded } from "./guarded.ts";

export interface SyncServices extends GuardServices {
  readonly tokens: Tokens;
  readonly sessionCheck: SessionCheck;
  readonly syncLimit: UserLimit;
  readonly replayLimit: UserLimit;
  readonly delivery: Delivery;
  readonly presence: Presence;
}

/** Makes the handler of `POST /sync`. */
export const makeSync = (services: SyncServices): Handler =>
  serveGuarded(services, (request) => sync(services, request));

/**
 * `POST /sync`: takes messages off the caller's channel. While the channel is read the session is checked cheaply; a
 * sync that finds something to do checks it again, strongly consistent, before it does it. From then on the first check
 * does not count: its failure must not throw away messages that a sync without `ack` has settled.
 *
 * The sync counts for the user's rate once the session has been checked, so that a token of an ended session takes
 * nothing off it, and before anything is written. Each round of it counts, once for each `LIMITS.syncBytes` that it reads: a
 * sync that others beat reads again.
 */
async function sync(services: SyncServices, request: Request): Promise<Reply> {
  const { tokens, sessionCheck, syncLimit, replayLimit, delivery, presence } = services;
  const { token, id, username, ack, limit } = validate(SyncBody, request.fields());
  const caller = await identify(tokens, { token, id, username });
  sessionCheck.refuseGone(caller);
  syncLimit.check(caller.userId);
  let isProven = false;
  /** Bytes read since the last count. */
  let bytesRead: number | undefined;
  const count = async (): Promise<void> => {
    if (bytesRead === undefined) return;
    const weight = weightOf(bytesRead);
    bytesRead = undefined;
    await syncLimit.consume(caller.userId, weight);
  };
  const cheapCheck = sessionCheck.requireLately(caller);
  // It may never be awaited, and an unhandled rejection ends the process.
  cheapCheck.catch(() => undefined);
  const noted = cheapCheck.then(
    (session) => presence.refresh(caller, session, request.answerBy),
    () => undefined,
  );
  let json: string | undefined;
  const answer = await delivery.sync({
    receiverId: channelKey(caller.userId, caller.channel),
    ack,
    limit,
    authorize: async () => {
      const { seen } = await sessionCheck.require(caller);
      // The session is of a version without devices. Another device may have its channel by now, and then it has just ended.
      if (seen === undefined) await noted.then(() => sessionCheck.require(caller));
      await count();
      isProven = true;
    },
    authorizeReplay: once(() => replayLimit.consume(caller.userId)),
    onRead: (bytes) => {
      bytesRead = (bytesRead ?? 0) + bytes;
    },
    onAnswer: (certain) => {
      json = write(certain);
    },
    answerBy: request.answerBy,
  });
  if (!isProven) await cheapCheck;
  // A sync that has taken messages was counted before it took them.
  if (answer.messages.length === 0) await count();
  await noted;
  return { status: 200, json: json ?? write(answer) };
}

const write = (answer: SyncAnswer): string => JSON.stringify({ ...answer, messages: answer.messages.map(present) });

const weightOf = (bytes: number): number =>
  Math.min(LIMITS.sync.lease, Math.max(1, Math.ceil(bytes / LIMITS.syncBytes)));
