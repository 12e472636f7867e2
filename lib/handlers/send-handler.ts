import { checkMessageIdTime } from "../channel/message-id-time.ts";
import type { SendAnswer, SendRequest } from "../channel/sending.ts";
import { envelopeOf } from "../channel/stored-message.ts";
import { GROUP_ID_PREFIX } from "../contract/groups.ts";
import { NO_CONTENT } from "../contract/message-type.ts";
import type { FanOut } from "../devices/fan-out.ts";
import type { PartiesReader } from "../devices/parties.ts";
import type { SendWakes } from "../devices/send-wakes.ts";
import type { GroupAnswer } from "../groups/group-fan-out.ts";
import type { GroupSending } from "../groups/group-sending.ts";
import type { Handler, Reply, Request } from "../http/http.ts";
import { checkContentSize, SendBody, validate } from "../http/schemas.ts";
import type { Pushes } from "../push/pushes.ts";
import type { UserLimit } from "../rates/user-limit.ts";
import { type Clock, timestamp } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { channelKey } from "../runtime/ids.ts";
import { identify } from "../tokens/caller.ts";
import type { SessionCheck } from "../tokens/session-check.ts";
import type { Caller, Tokens } from "../tokens/tokens.ts";
import { type GuardServices, serveGuarded } from "./guarded.ts";

export interface SendServices extends GuardServices {
  readonly tokens: Tokens;
  readonly sessionCheck: SessionCheck;
  readonly sendLimit: UserLimit;
  readonly parties: PartiesReader;
  readonly fanOut: FanOut;
  /** Without it nobody is woken, and clients poll. */
  readonly wakes: SendWakes | undefined;
  /** Without it nobody is told by push. */
  readonly pushes: Pushes | undefined;
  readonly groups: GroupSending;
  readonly now: Clock;
}

/** Makes the handler of `POST /send`. */
export const makeSend = (services: SendServices): Handler =>
  serveGuarded(services, (request) => send(services, request));

/**
 * `POST /send`: puts a message on the channel of each device of the receiver and of each other one of the sender, then wakes
 * their connections. Two round trips to the database, however many devices there are, and one write unit for each of them. One
 * more write unit for the sender's rate, once in `LIMITS.send.lease` messages of a program: it is written beside the message.
 *
 * Devices that are not connected and have a push subscription are handed to the function `push`, without waiting for an answer.
 *
 * A repeat wakes nobody, and is answered like a first try. If the first try stored the message and died before the wake,
 * the receiver finds it by its next ping or sync: a connected client makes either every 5 minutes.
 *
 * To a group it takes three round trips, see `group-sending.ts`, and counts for the rate as many times as the group has members.
 */
async function send(services: SendServices, request: Request): Promise<Reply> {
  const { tokens, sessionCheck, sendLimit, now } = services;
  const { token, id, username, sendToId, messageId, copies, content, type, about, quiet } = validate(
    SendBody,
    request.fields(),
  );
  checkContentSize(content);
  if (messageId !== undefined) checkMessageIdTime(messageId, now());
  const caller = await identify(tokens, { token, id, username });
  sessionCheck.refuseGone(caller);
  sendLimit.check(caller.userId);
  const envelope = envelopeOf({ content: content || NO_CONTENT, type, about, quiet: quiet || undefined });
  const message = { senderId: caller.userId, senderName: caller.username, messageId, ...envelope };
  const toWhom = { caller, sendToId, copies, message };
  const sent = sendToId.startsWith(GROUP_ID_PREFIX) ? await toGroup(services, toWhom) : await toUser(services, toWhom);
  return {
    status: 202,
    body: { status: "received", messageId: sent.messageId, sentAt: timestamp(sent.sentAt), ...missedBy(sent) },
  };
}

interface Outgoing {
  readonly caller: Caller;
  readonly sendToId: string;
  readonly message: SendRequest;
  readonly copies: boolean | undefined;
}

async function toUser(services: SendServices, { caller, sendToId, message, copies }: Outgoing): Promise<SendAnswer> {
  const { sessionCheck, sendLimit, wakes, pushes, fanOut } = services;
  const found = services.parties.find(sendToId, caller.userId);
  const waking = wakes?.prepareReceiver(message, sendToId, found);
  const [parties] = await Promise.all([
    found,
    // In turn: what a stolen token of an ended session sends is not taken off its user's rate.
    sessionCheck.require(caller).then(() => sendLimit.consume(caller.userId)),
  ]);
  if (!parties) throw new GoTalkError("unknown_receiver");
  if (parties.isBlocked) throw new GoTalkError("blocked");
  const renewed = sendLimit.renewAhead(caller.userId);
  const route = await fanOut.route(parties, caller.channel, copies);
  const wakeOwn = wakes?.prepareOwn(message, route);
  // A message to oneself is pushed to the user's other devices.
  const elsewhere = route.receiver.filter(({ channel }) => channel !== channelKey(caller.userId, caller.channel));
  const pushing = pushes?.prepare(message, elsewhere, waking?.connected);
  const sent = await fanOut.send(message, parties, route);
  await Promise.all([renewed, waking?.wake(sent), wakeOwn?.(sent), pushing?.(sent)]);
  return sent;
}

async function toGroup(services: SendServices, outgoing: Outgoing): Promise<GroupAnswer> {
  const { sessionCheck, sendLimit, groups } = services;
  const { caller, sendToId, message, copies = true } = outgoing;
  const [group] = await Promise.all([groups.read(sendToId), sessionCheck.require(caller)]);
  const admit = (members: number) => sendLimit.consume(caller.userId, members);
  return groups.send(group, { message, senderChannel: caller.channel, copies, admit });
}

/** The members who miss a message to a group. Only its sender is told who they are. */
const missedBy = (sent: SendAnswer | GroupAnswer) =>
  "missedBy" in sent && sent.missedBy.length > 0 ? { missedBy: sent.missedBy } : {};
