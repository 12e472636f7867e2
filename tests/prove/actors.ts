import { BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import type { SyncAnswer } from "../../lib/channel/decision.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { InvalidToken, Unavailable } from "../../lib/runtime/errors.ts";
import { type Position, positionOf } from "../../lib/runtime/ids.ts";
import type { SyncCall } from "./proof-ledger.ts";
import {
  type ClockStep,
  type Flood,
  type MessageKey,
  MOST_IN_FLOOD,
  type SendStep,
  type SyncStep,
} from "./scenario.ts";
import type { World } from "./world.ts";

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, "0");

/** A UUIDv7. `tail` is behind the bytes that a fingerprint keeps. */
const messageIdOf = (time: number, tail: number): string => `01900000-00${hex(time, 2)}-7000-8000-${hex(tail, 12)}`;
/** The time of all ids, to a fraction of a second. */
export const TIME_OF_IDS = 0x0190_0000_0000;

const userIdOf = (user: number): string => `00000000-0000-4000-8000-${hex(user, 12)}`;

/** Between two times of senders there is room for the messages of a flood. */
const ROOM = MOST_IN_FLOOD + 2;
const idsOfKey = ({ time, tail, sender }: MessageKey): { messageId: string; senderId: string } => ({
  messageId: messageIdOf(time * ROOM, tail),
  senderId: userIdOf(sender),
});

/** Sends its messages one after the other. What fails is sent again only if a later step says so. */
export async function sender(world: World, name: string, steps: readonly SendStep[]): Promise<void> {
  for (const { message, faults } of steps) {
    const { messageId, senderId } = idsOfKey(message);
    const position = positionOf(messageId, senderId);
    world.ledger.begin(position);
    await step((desert) =>
      world
        .sending(name, faults, desert)
        .send({ messageId, senderId, senderName: "sender", content: position }, [{ channel: world.receiverId }])
        .then(
          () => void world.ledger.accept(position),
          (error) => world.ledger.check(error instanceof Unavailable, `a send failed: ${error}`),
        ),
    );
  }
}

/** Takes messages, and shows as `ack` the receipt of the last batch that arrived. */
export async function receiver(world: World, name: string, steps: readonly SyncStep[]): Promise<void> {
  let receipt = name;
  for (const { ack, limit, response, faults, endsBefore } of steps) {
    let asked = 0;
    const authorize = async (): Promise<void> => {
      if (asked++ === endsBefore) throw new InvalidToken("the session has ended");
    };
    const request = { receiverId: world.receiverId, limit, ack: ack ? receipt : undefined, authorize };
    const call = world.ledger.call(request.ack);
    const answer = await step((desert) =>
      answerOf(world.delivery(name, faults, desert, call).sync(request), world, call),
    );
    if (answer === undefined || response === "lost") continue;
    world.ledger.taken(answer, call);
    if (ack && response === "saved") receipt = answer.receipt;
  }
}

/** Of a sync that failed there is none; it may fail only since the database does. */
async function answerOf(sync: Promise<SyncAnswer>, { ledger }: World, call: SyncCall): Promise<SyncAnswer | undefined> {
  try {
    const answer = await sync;
    ledger.answered(answer, call);
    return answer;
  } catch (error) {
    ledger.failed(call, error);
    ledger.check(error instanceof Unavailable || error instanceof InvalidToken, `a sync failed: ${error}`);
    return undefined;
  }
}

/** Puts many messages at once, and once more if that is asked for. */
export async function flood(world: World, number: number, { time, count, again, pauses = 0 }: Flood): Promise<void> {
  const senderId = userIdOf(0x100 + number);
  const positions = Array.from({ length: count }, (_, at) =>
    positionOf(messageIdOf(time * ROOM + 1 + at, 0), senderId),
  );
  await world.turn(`flood ${number}`);
  await world.apply(putAll(world, positions), true);
  for (const position of positions) {
    world.ledger.begin(position);
    world.ledger.accept(position);
  }
  if (!again) return;
  for (let pause = 0; pause < pauses; pause++) await world.turn(`flood ${number} waits`);
  await world.turn(`flood ${number} again`);
  await world.apply(putAll(world, positions), true);
}

const putAll = (world: World, positions: readonly Position[]) =>
  new BatchWriteItemCommand({
    RequestItems: {
      [world.table]: positions.map((position) => ({ PutRequest: { Item: floodItem(world, position) } })),
    },
  });

const floodItem = ({ receiverId, now }: World, position: Position) => ({
  receiverId: { S: receiverId },
  position: { S: position },
  senderName: { S: "flood" },
  content: { S: position },
  sentAt: { N: String(now) },
  expiresAt: { N: String(Math.ceil((now + LIMITS.retention) / 1_000)) },
});

/** More than a message may be ahead and raise the horizon. */
export const LEAP = 2 * LIMITS.horizonAhead;

/** Time passes, and now and then the clock is set back, as far as leases go. */
export async function clock(world: World, steps: readonly ClockStep[]): Promise<void> {
  for (const step of steps) {
    await world.turn(`the clock: ${step}`);
    if (step === "back") world.setBack(LIMITS.lease);
    else if (step === "leapBack") world.setBack(LEAP);
    else if (step === "leap") world.pass(LEAP);
    else world.pass(step === "whole" ? LIMITS.lease : LIMITS.lease / 2);
  }
}

/** More than any run needs: a drain that goes on after this never ends. */
const DRAIN_STEPS = 40;
/** More than a clock is ever set back in one run. */
const MOST_BACK = 10 * LEAP;

/** Everybody is gone; a new client takes what is left. */
export async function drain(world: World): Promise<void> {
  // The clock may be behind what it was when the last lease began.
  world.pass(MOST_BACK);
  let receipt = "last";
  for (let n = 0; n < DRAIN_STEPS; n++) {
    const call = world.ledger.call(receipt);
    const answer = await world
      .calmDelivery(call)
      .sync({ receiverId: world.receiverId, ack: receipt, limit: LIMITS.batchMessages });
    world.ledger.answered(answer, call);
    world.ledger.taken(answer, call);
    world.ledger.check(answer.retryAfter === undefined, "a batch is held although its lease is over");
    receipt = answer.receipt;
    if (answer.messages.length === 0 && !answer.more) break;
  }
  const left = await world.leftovers();
  world.ledger.check(left.length === 0, `left behind: ${left}`);
}

/** Runs one call until it ends, or until its client stops waiting for it: then there is no answer. */
async function step<T>(call: (desert: () => void) => Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return Promise.race([call(() => resolve(undefined)), promise]);
}
