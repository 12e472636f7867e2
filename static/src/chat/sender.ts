import { type Client, type ClientError, ProblemError, type Sent } from "../../../lib/client.ts";
import { mark, nextFor, outboxOf, settle } from "../storage/outbox.ts";
import { idOf, type QueuedMessage, type StoredMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { Alarm } from "./alarm.ts";
import { explain } from "./words.ts";

/** Milliseconds until what could not be sent is tried again by itself: random, up to this. */
const PAUSE = 20_000;

/** A wait for the next attempt that is longer than this, in milliseconds, is worth telling. */
const SHORT_WAIT = 1_000;

/** Statuses after which the same message may well be taken later. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/** What a {@link Sender} needs. */
export interface SenderHost {
  readonly client: Client;
  readonly database: Database;
  readonly ownId: string;
  /** A message is in the history now, and not in the outbox any more. */
  onSent(message: StoredMessage): void;
  /** Something in the outbox has changed. */
  onChange(): void;
  onExpired(): void;
}

/** Sends what is in the outbox: for each receiver one after the other, in the order in which it was written. */
export class Sender {
  readonly #host: SenderHost;
  /** The receivers whose messages are being sent, each with what cuts its pause short. */
  readonly #running = new Map<string, Alarm>();

  constructor(host: SenderHost) {
    this.#host = host;
  }

  /** Looks for messages to send, and tries those again that wait. */
  async kick(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const waiting = (await outboxOf(this.#host.database)).filter(({ status }) => status === "pending");
    for (const peerId of new Set(waiting.map((message) => message.peerId))) {
      const running = this.#running.get(peerId);
      if (running) running.ring();
      else void this.#drain(peerId, signal);
    }
  }

  async #drain(peerId: string, signal: AbortSignal): Promise<void> {
    const alarm = new Alarm();
    this.#running.set(peerId, alarm);
    try {
      for (;;) {
        const next = await nextFor(this.#host.database, peerId);
        if (next === undefined || signal.aborted) return;
        const isDone = navigator.onLine && (await this.#send(next, signal));
        if (!isDone) await alarm.wait(PAUSE * (0.5 + Math.random() / 2), signal);
      }
    } finally {
      this.#running.delete(peerId);
    }
  }

  /** @returns whether the next message may go out */
  async #send(message: QueuedMessage, signal: AbortSignal): Promise<boolean> {
    const { client } = this.#host;
    const { peerId, content, messageId } = message;
    const onRetry = (error: ClientError, delay: number) => {
      if (delay > SHORT_WAIT) void this.#note(message, "pending", error);
    };
    try {
      const sent = await client.send({ to: peerId, content, messageId, signal, onRetry });
      await this.#settle(message, sent);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (error instanceof ProblemError && error.status === 401) {
        this.#host.onExpired();
        return false;
      }
      const isPassing = !(error instanceof ProblemError) || PASSING.has(error.status);
      await this.#note(message, isPassing ? "pending" : "failed", error);
      return !isPassing;
    }
  }

  async #settle(message: QueuedMessage, sent: Sent): Promise<void> {
    const { database, ownId, onSent } = this.#host;
    await settle(database, ownId, message, sent);
    const { peerId, content, messageId } = message;
    onSent({ id: idOf({ senderId: ownId, messageId }), peerId, senderId: ownId, content, sentAt: sent.sentAt });
  }

  async #note(message: QueuedMessage, status: QueuedMessage["status"], error: unknown): Promise<void> {
    const problem = explain(error);
    if (message.problem === problem && message.status === status) return;
    // Where not even this can be stored, the message is still in the outbox, and is tried again.
    await mark(this.#host.database, message, status, problem).catch(() => undefined);
    this.#host.onChange();
  }
}
