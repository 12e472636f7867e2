import { setTimeout as sleep } from "node:timers/promises";
import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  type JsMsg,
  jetstream,
  jetstreamManager,
  StorageType,
} from "@nats-io/jetstream";
import { connect, type NatsConnection, nanos } from "@nats-io/transport-node";
import type { Receiving } from "./receiving.ts";
import type { Sender } from "./sender.ts";

/**
 * How a receiver acknowledges:
 * - `ack`: after it has processed the message
 * - `doubleAck`: the same, and it waits for the server's confirmation; one message is out at a time
 * - `sequence`: not at all; it saves the stream's sequence in one transaction with each message, and goes on from there
 */
export type NatsAck = "ack" | "doubleAck" | "sequence";

export interface NatsTask {
  readonly kind: "nats";
  readonly ack: NatsAck;
  readonly port: number;
}

const STREAM = "PEERS";
const SUBJECT = "peers.receiver";
const DURABLE = "receiver";
const MINUTE = 60_000;
/** Much longer than any restart. The default is as long. */
const DEDUPLICATION_MS = 2 * MINUTE;
/** A receiver on the same machine answers at once, a busy one soon; the default of 30 s would only make a run longer. */
const ACK_WAIT_MS = 5_000;
const ANSWER_MS = 2_000;
const AGAIN_MS = 50;
const STATE = "sequence";

const open = (port: number): Promise<NatsConnection> =>
  connect({
    servers: `127.0.0.1:${port}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    waitOnFirstConnect: true,
  });

/** Makes the stream: in files, and with the window in which an id is recognised. */
export async function makeStream(port: number): Promise<void> {
  const connection = await open(port);
  const manager = await jetstreamManager(connection);
  await manager.streams.add({
    name: STREAM,
    subjects: [SUBJECT],
    storage: StorageType.File,
    duplicate_window: nanos(DEDUPLICATION_MS),
  });
  await connection.close();
}

/** Receives without an end. */
export async function receiveFromNats({ ack, port }: NatsTask, receiving: Receiving): Promise<void> {
  const connection = await open(port);
  const consumerOf = ack === "sequence" ? orderedConsumer : durableConsumer;
  for (;;) {
    try {
      const consumer = await consumerOf(connection, ack, receiving);
      receiving.ready();
      const take = ack === "sequence" ? takeInSequence : takeAndAck;
      for await (const message of await consumer.consume()) await take(message, ack, receiving);
    } catch {
      // The server is away, or a consumer has to be made again.
      await sleep(AGAIN_MS);
    }
  }
}

async function durableConsumer(connection: NatsConnection, ack: NatsAck): Promise<Consumer> {
  const manager = await jetstreamManager(connection);
  await manager.consumers.add(STREAM, {
    durable_name: DURABLE,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    ...(ack === "doubleAck" && { max_ack_pending: 1 }),
  });
  return jetstream(connection).consumers.get(STREAM, DURABLE);
}

async function orderedConsumer(connection: NatsConnection, _: NatsAck, { journal }: Receiving): Promise<Consumer> {
  const last = journal.saved<number>(STATE) ?? 0;
  return jetstream(connection).consumers.get(STREAM, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: last + 1,
  });
}

async function takeAndAck(message: JsMsg, ack: NatsAck, { take }: Receiving): Promise<void> {
  take({ content: message.string(), flagged: message.redelivered });
  if (ack === "ack") message.ack();
  // Unconfirmed, it comes again after the wait, and is marked.
  else await message.ackAck({ timeout: ANSWER_MS }).catch(() => false);
}

function takeInSequence(message: JsMsg, _: NatsAck, { journal, take }: Receiving): void {
  if (message.seq <= (journal.saved<number>(STATE) ?? 0)) return;
  take({ content: message.string(), flagged: message.redelivered }, () => journal.save(STATE, message.seq));
}

/** A sender that publishes a message with its id again until the stream confirms it. */
export async function natsSender(number: number, port: number): Promise<Sender> {
  const connection = await open(port);
  const stream = jetstream(connection);
  let count = 0;
  return {
    async send(content) {
      const msgID = `${number}-${count++}`;
      const publish = () => stream.publish(SUBJECT, content, { msgID, timeout: ANSWER_MS });
      while ((await publish().catch(() => undefined)) === undefined) await sleep(AGAIN_MS);
    },
    close: () => connection.close(),
  };
}
