import { checkMessageIdTime } from "../channel/message-id-time.ts";
import type { FanOut } from "../devices/fan-out.ts";
import type { PartiesReader } from "../devices/parties.ts";
import type { SendWakes } from "../devices/send-wakes.ts";
import type { Handler, Reply, Request } from "../http/http.ts";
import { checkContentSize, SendBody, validate } from "../http/schemas.ts";
import type { UserLimit } from "../rates/user-limit.ts";
import { type Clock, timestamp } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { identify } from "../tokens/caller.ts";
import type { SessionCheck } from "../tokens/session-check.ts";
import type { Tokens } from "../tokens/tokens.ts";
import { type GuardServices, serveGuarded } from "./guarded.ts";

export interface SendServices extends GuardServices {
  readonly tokens: Tokens;
  readonly sessionCheck: SessionCheck;
  readonly sendLimit: UserLimit;
  readonly parties: PartiesReader;
  readonly fanOut: FanOut;
  /** Without it nobody is woken, and clients poll. */
  readonly wakes: SendWakes | undefined;
  readonly now: Clock;
}

/** Makes the handler of `POST /send`. */
export const makeSend = (services: SendServices): Handler =>
  serveGuarded(services, (request) => send(services, request));

/**
 * `POST /send`: puts a message on the channel of each device of the receiver and of each other one of the sender, then wakes
 * their connections. Two round trips to the database, however many devices there are, and one write unit for each of them. One
 * more for the sender's rate, once in `LIMITS.send.lease` messages of a program.
 *
 * A repeat wakes nobody, and is answered like a first try. If the first try stored the message and died before the wake,
 * the receiver finds it by its next ping or sync: a connected client makes either every 5 minutes.
 */
async function send(services: SendServices, request: Request): Promise<Reply> {
  const { tokens, sessionCheck, sendLimit, wakes, fanOut, now } = services;
  const { token, id, username, sendToId, content, messageId } = validate(SendBody, request.fields());
  checkContentSize(content);
  if (messageId !== undefined) checkMessageIdTime(messageId, now());
  const caller = await identify(tokens, { token, id, username });
  sessionCheck.refuseGone(caller);
  sendLimit.check(caller.userId);
  const found = services.parties.find(sendToId, caller.userId);
  const message = { senderId: caller.userId, senderName: caller.username, content, messageId };
  const wakeReceiver = wakes?.prepareReceiver(message, sendToId, found);
  const [parties] = await Promise.all([
    found,
    // In turn: what a stolen token of an ended session sends is not taken off its user's rate.
    sessionCheck.require(caller).then(() => sendLimit.take(caller.userId)),
  ]);
  if (!parties) throw new GoTalkError("unknown_receiver");
  if (parties.isBlocked) throw new GoTalkError("blocked");
  const route = await fanOut.route(parties, caller.channel);
  const wakeOwn = wakes?.prepareOwn(message, route);
  const sent = await fanOut.send(message, parties, route);
  await Promise.all([wakeReceiver, wakeOwn].map((wake) => wake?.(sent)));
  return {
    status: 202,
    body: { status: "received", messageId: sent.messageId, sentAt: timestamp(sent.sentAt) },
  };
}
