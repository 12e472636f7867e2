import {
  askedDelay,
  backoff,
  type Client,
  isPassing,
  isUncertain,
  ProblemError,
  realTiming,
  retrying,
  type Sent,
  Sleeper,
  steadily,
  type User,
  wasNeverStored,
} from "../../../lib/client/index.ts";
import { markTried, renew } from "../storage/attempts.ts";
import { sayAgain } from "../storage/held-settings.ts";
import { discard, nextFor, outboxOf, setStatus } from "../storage/outbox.ts";
import { isToOthers, type QueuedMessage, type Stored } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { moveToHistory } from "../storage/sent.ts";
import { explain } from "./explain.ts";

/** The random wait between two attempts, in milliseconds. It comes on top of the wait that the server asks for. */
const BACKOFF = { base: 200, max: 20_000 };

/** Milliseconds until the next check whether the storage answers or the network is back. */
const PAUSE = 10_000;

/** The person is told of a wait that is longer than this, in milliseconds. */
const SHORT_WAIT = 1_000;

/** For a message that was tried so long ago that the server does not recognise it any more. */
const UNKNOWN = "It is not known whether this arrived. Retry sends it as a new message, so it may arrive twice.";

/** What a {@link Sender} needs. */
export interface SenderHost {
  /** It tries once. If it repeated attempts by itself, a message could not be deleted between them. */
  readonly client: Client;
  readonly database: Database;
  readonly user: User;
  /**
   * Whether there is no network. The browser's own answer is of no use: without the internet it calls even a server on
   * this machine unreachable.
   */
  isOffline(): boolean;
  /** A message is in the history now, and not in the outbox any more. */
  onSent(stored: Stored): void;
  /** Something in the outbox has changed. */
  onChange(): void;
  /** The server has refused a message to a group: the user is not in it. */
  onUnknownGroup(groupId: string): void;
  /** A file is to be uploaded. It is sent once its message has lost its `upload`. */
  onUpload(): void;
  onExpired(): void;
}

/** What is sent of a message. One that an older version of the page has written goes out as that version sent it. */
const contentOf = ({ peerId, content, type, about, quiet, copies }: QueuedMessage) => ({
  ...{ to: peerId, content },
  ...(type !== undefined && { type }),
  ...(about !== undefined && { about }),
  ...(quiet !== undefined && { quiet }),
  ...(copies !== undefined && { copies }),
});

/** The messages for one receiver. They go out one after the other. */
interface Lane {
  /** For the pause between two attempts. */
  readonly sleeper: Sleeper;
  /** The outbox has changed since it was last read. */
  isAsked: boolean;
  /** How many attempts in a row have failed. */
  failures: number;
}

/** Sends the messages of the outbox: for each receiver one after the other, in the order of writing. */
export class Sender {
  readonly #host: SenderHost;
  /** The receivers whose messages are being sent. */
  readonly #running = new Map<string, Lane>();
  /** The `sequence` of each message of which certainly no attempt has arrived. */
  readonly #notArrived = new Set<number>();
  /** Whether all messages that were stored before this sender began are sent or being sent. */
  #isCaughtUp = false;

  constructor(host: SenderHost) {
    this.#host = host;
  }

  /**
   * Sends the messages of the outbox, and wakes the lanes that wait.
   *
   * @param message A message that has just been stored. If nothing waits before it, it goes out without a read.
   */
  async kick(signal: AbortSignal, message?: QueuedMessage): Promise<void> {
    if (signal.aborted) return;
    if (message !== undefined) this.#notArrived.add(message.sequence);
    if (message !== undefined && this.#isCaughtUp) return this.#start(message.peerId, signal, message);
    const waiting = (await outboxOf(this.#host.database)).filter(({ status }) => status === "pending");
    if (waiting.some(({ upload }) => upload)) this.#host.onUpload();
    for (const peerId of new Set(waiting.map((message) => message.peerId))) this.#start(peerId, signal);
    this.#isCaughtUp = true;
  }

  #start(peerId: string, signal: AbortSignal, message?: QueuedMessage): void {
    const lane = this.#running.get(peerId);
    if (lane === undefined) {
      void this.#drain(peerId, signal, message);
    } else {
      lane.isAsked = true;
      lane.sleeper.wake();
    }
  }

  async #drain(peerId: string, signal: AbortSignal, first?: QueuedMessage): Promise<void> {
    const lane: Lane = { sleeper: new Sleeper(), isAsked: false, failures: 0 };
    this.#running.set(peerId, lane);
    try {
      for (let known = first; !signal.aborted; known = undefined) {
        lane.isAsked = false;
        const next = known ?? (await this.#next(peerId, lane, signal));
        if (next === undefined && !lane.isAsked) return;
        if (next === undefined) continue;
        if (this.#host.isOffline()) await lane.sleeper.sleep(PAUSE, signal);
        else await this.#attempt(next, lane, signal);
      }
    } finally {
      this.#running.delete(peerId);
    }
  }

  /** Reads until the storage answers. If the lane ended instead, a later message would go out before an earlier one. */
  #next(peerId: string, { sleeper }: Lane, signal: AbortSignal): Promise<QueuedMessage | undefined> {
    const attempt = async () => (signal.aborted ? undefined : nextFor(this.#host.database, peerId));
    return retrying(attempt, { policy: steadily(PAUSE), signal, sleeper });
  }

  /** Tries once, and waits if there is to be another attempt. After that another message may be next. */
  async #attempt(message: QueuedMessage, lane: Lane, signal: AbortSignal): Promise<void> {
    try {
      await this.#send(message, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (isUncertain(error)) this.#notArrived.delete(message.sequence);
      const isAnswer = error instanceof ProblemError;
      if (isAnswer && error.status === 401) {
        this.#host.onExpired();
        // The end of the session also ends this wait.
        return lane.sleeper.sleep(PAUSE, signal);
      }
      if (!isAnswer || isPassing(error)) return this.#pause(message, error, lane, signal);
      await this.#handleRefusal(message, error);
    }
    lane.failures = 0;
  }

  /**
   * Sends a message once. If its id is refused and no attempt under it has arrived, it goes out under a new id, which
   * is stored first.
   */
  async #send(message: QueuedMessage, signal: AbortSignal): Promise<void> {
    const { client, database, onChange } = this.#host;
    const { messageId, sequence } = message;
    if (message.mayHaveArrived === false) {
      if (!(await markTried(database, message))) return;
      this.#notArrived.add(sequence);
    }
    let current = message;
    const onNewId = async (newId: string) => {
      const ids = {
        messageId: newId,
        // Without locks another tab may be sending it at this moment.
        isToFollow: (behind: QueuedMessage) => "locks" in navigator && this.#hasNotArrived(behind),
        next: () => client.newMessageId(),
      };
      if (!(await renew(database, current, ids))) throw new Error("The message is gone, or has a new id already.");
      current = { ...message, messageId: newId };
      onChange();
    };
    const isRenewable = this.#hasNotArrived(message);
    const sent = await client.send({ ...contentOf(message), messageId, signal, ...(isRenewable && { onNewId }) });
    await this.#confirm(current, sent);
  }

  #hasNotArrived({ sequence, mayHaveArrived }: QueuedMessage): boolean {
    return mayHaveArrived === false || this.#notArrived.has(sequence);
  }

  /** The server refuses the message: the person decides what to do. Of what goes to their own devices alone they know nothing. */
  async #handleRefusal(message: QueuedMessage, error: unknown): Promise<void> {
    const serverTime = error instanceof ProblemError ? error.serverTime : undefined;
    const isDoubtful = serverTime !== undefined && !this.#hasNotArrived(message);
    // An older version of the page may have sent it to a server that accepted any time.
    const isNew = isDoubtful && message.mayHaveArrived !== undefined && wasNeverStored(message.messageId, serverTime);
    // It is the next message again, and goes out under a new id.
    if (isNew) this.#notArrived.add(message.sequence);
    else if (!isToOthers(message)) await this.#handleOwnRefusal(message, isDoubtful);
    else if (isDoubtful) await this.#setStatus(message, "unknown", UNKNOWN);
    else {
      if (error instanceof ProblemError && error.code === "unknown_group") this.#host.onUnknownGroup(message.peerId);
      await this.#setStatus(message, "failed", explain(error));
    }
  }

  /** @param isDoubtful Whether it may have arrived, long ago. */
  async #handleOwnRefusal(message: QueuedMessage, isDoubtful: boolean): Promise<void> {
    const { database, client } = this.#host;
    if (isDoubtful) await sayAgain(database, message, () => client.newMessageId());
    else await discard(database, message);
  }

  /** Waits for the next attempt. A person who wants to retry earlier than the server allows sees the reason again. */
  async #pause(message: QueuedMessage, failure: unknown, lane: Lane, signal: AbortSignal): Promise<void> {
    const asked = askedDelay(failure);
    const end = performance.now() + asked;
    const delay = asked + backoff(lane.failures++, BACKOFF, realTiming);
    if (delay > SHORT_WAIT) await this.#setStatus(message, "pending", explain(failure));
    await lane.sleeper.sleep(delay, signal);
    while (performance.now() < end && !signal.aborted) {
      // Retry has removed the reason, or Delete the message: then the next message waits.
      const first = await this.#next(message.peerId, lane, signal);
      if (first !== undefined) await this.#setStatus(first, "pending", explain(failure));
      await lane.sleeper.sleep(end - performance.now(), signal);
    }
  }

  async #confirm(message: QueuedMessage, sent: Sent): Promise<void> {
    const { database, user, onSent } = this.#host;
    this.#notArrived.delete(message.sequence);
    onSent(await moveToHistory(database, user, message, sent));
  }

  async #setStatus(message: QueuedMessage, status: QueuedMessage["status"], problem: string): Promise<void> {
    if (message.problem === problem && message.status === status) return;
    const isKnown = this.#notArrived.has(message.sequence);
    // If not even this can be stored, the message stays in the outbox and is tried again.
    const what = { status, problem, ...(isKnown && { mayHaveArrived: false }) };
    await setStatus(this.#host.database, message, what).catch(() => undefined);
    this.#host.onChange();
  }
}
