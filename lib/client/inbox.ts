import { NetworkError } from "./errors.ts";
import { isOwnCopy, keyOf, type Message } from "./message.ts";
import type { Batch } from "./model.ts";
import { Pace } from "./pace.ts";
import { Previews } from "./previews.ts";
import type { Receipts } from "./receipts.ts";
import type { ConnectionState, InboxState, Poll, ReceiveOptions } from "./receive-options.ts";
import { isPassing, type RetryPolicy, retrying } from "./retry.ts";
import { Sleeper } from "./sleeper.ts";
import { type Timing, withScope } from "./timing.ts";
import { TypingPace, Typists } from "./typing.ts";
import { WakeSocket, type WakeSocketHost } from "./wake-socket.ts";

/** What an inbox needs from its client. */
interface InboxHost {
  readonly timing: Timing;
  /** For failed syncs. */
  readonly retry: RetryPolicy;
  /** The user's own id. */
  readonly ownId: string;
  readonly state: InboxState;
  /** The WebSocket; undefined to poll. */
  readonly live: Pick<WakeSocketHost, "url" | "WebSocket" | "proof"> | undefined;
  newReceipts(): Receipts;
  sync(ack: string, signal: AbortSignal | undefined): Promise<Batch>;
  save(state: InboxState): void | Promise<void>;
}

/**
 * Two of the largest batches. One would do: only the last batch can be redelivered, since all batches before it are
 * settled.
 */
const RECENT_KEPT = 200;

/** How long the end of the loop may wait for the last receipts, in milliseconds. */
const LAST_RECEIPTS_MS = 3_000;

/** A program that does not ask for it must not lose messages without a word. */
const warnOfMissed = (): void =>
  // biome-ignore lint/suspicious/noConsole: a program of somebody else, not a function with a log of its own
  console.warn("goTalk: this device has missed messages. Other devices of the user may have them. See onMissed.");

/**
 * The messages of the user who is logged in, in order, without an end.
 *
 * A message is *processed* once the loop asks for the next one, or ends because the signal is aborted. The sync after a
 * batch acknowledges it, and only when all of it is processed. If the loop is left by `break` or by a throw, the
 * message in hand is not processed, since a body that failed must not lose it: it is redelivered. To leave after
 * processing it, go on from {@link Inbox.state} or abort the signal.
 */
export class Inbox implements AsyncIterable<Message> {
  /**
   * Where the receiver stands once the message in hand is processed. If it is stored in one transaction with the
   * message, the delivery is exact, even if the process dies at any moment.
   */
  state: InboxState;
  /** May be changed at any time. */
  readonly poll: Poll;
  readonly #pace: Pace;
  readonly #host: InboxHost;
  readonly #options: ReceiveOptions;
  readonly #live: WakeSocket | undefined;
  readonly #previews: Previews;
  readonly #typists: Typists;
  readonly #typingPace: TypingPace;
  /** What is saved: all messages up to the one in hand. */
  #processed: InboxState;
  /** Of the loop. Undefined: no sender is told that a message is processed. */
  #receipts: Receipts | undefined;
  /** Between two syncs. */
  readonly #sleeper: Sleeper;
  #channel: Exclude<ConnectionState, "offline">;
  #isReachable = true;
  /** The last batch has said that messages were missed, and the program knows. */
  #knowsOfMissed = false;

  constructor(host: InboxHost, options: ReceiveOptions) {
    this.#host = host;
    this.#options = options;
    this.#processed = host.state;
    this.state = host.state;
    this.#sleeper = new Sleeper(host.timing);
    this.poll = { min: options.poll?.min ?? 250, max: options.poll?.max ?? 5_000 };
    this.#pace = new Pace(this.poll, host.timing);
    this.#previews = new Previews({
      timing: host.timing,
      show: (message) => options.onPreview?.(message),
      sync: () => this.#sleeper.wake(),
    });
    this.#typists = new Typists({ timing: host.timing, tell: (typing) => options.onTyping?.(typing) });
    this.#typingPace = new TypingPace(host.timing);
    this.#live = host.live && this.#options.follow !== false ? this.#socketOf(host.live) : undefined;
    this.#channel = this.#live === undefined ? "polling" : "connecting";
  }

  /** How the inbox learns of messages now. */
  get connection(): ConnectionState {
    return this.#isReachable ? this.#channel : "offline";
  }

  /**
   * Syncs and connects at once. Call it when messages are known to wait, or when the network is back. It does not cut a
   * `Retry-After` short.
   */
  wake(): void {
    this.#sleeper.wake();
    this.#live?.retry();
  }

  /**
   * Syncs at once if a sync is to settle previews within seconds. Call it when the program may be stopped: a hidden page
   * may be. It does nothing otherwise.
   */
  settle(): void {
    this.#previews.flush();
  }

  /**
   * Tells the other side of a conversation that the user is typing. Call it with each key: it sends one frame in 4 seconds at most.
   * Without a WebSocket it does nothing. A frame may be lost, and reaches no user who has blocked this one.
   *
   * @param toId As `to` in a send.
   */
  typing(toId: string): void {
    if (this.#live?.canType && this.#typingPace.mayTell(toId)) this.#live.type(toId);
  }

  /** @throws ProblemError when the server refuses for good, above all with 401; what `onState` throws. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    const { signal } = this.#options;
    const loop = new AbortController();
    const end = () => loop.abort();
    signal?.addEventListener("abort", end);
    this.#previews.begin();
    this.#receipts = this.#options.receipts ? this.#host.newReceipts() : undefined;
    if (!signal?.aborted) void this.#live?.run(loop.signal);
    try {
      yield* this.#messages();
    } finally {
      signal?.removeEventListener("abort", end);
      this.#previews.end();
      end();
      this.#typists.endAll();
      await this.#endReceipts();
    }
  }

  /** Tells what is to be told, unless that takes too long. */
  async #endReceipts(): Promise<void> {
    const receipts = this.#receipts;
    if (receipts === undefined) return;
    const { timing } = this.#host;
    await withScope(undefined, async (scope) => {
      await Promise.race([receipts.flush(), timing.sleep(LAST_RECEIPTS_MS, scope.signal)]);
      scope.abort();
    });
    receipts.end();
  }

  async *#messages(): AsyncGenerator<Message, void, undefined> {
    const { signal } = this.#options;
    // A receipt must be saved before it is shown, or a restart could not show it again.
    await this.#save(this.#processed);
    while (!signal?.aborted) {
      const batch = await this.#sync();
      if (batch === undefined) return;
      const wasPreviewed = this.#previews.removeSynced(batch);
      this.#endTyping(batch.messages);
      const isNews = await this.#tellOfMissed(batch);
      const unseen = this.#unseen(batch.messages);
      for (const [index, message] of unseen.entries()) {
        if (signal?.aborted) return;
        const receipt = index === unseen.length - 1 ? batch.receipt : this.#processed.receipt;
        this.state = {
          ...this.#processed,
          receipt,
          recent: [...this.#processed.recent, keyOf(message)].slice(-RECENT_KEPT),
        };
        yield message;
        await this.#save(this.state);
        this.#receipts?.delivered([message]);
      }
      if (this.#processed.receipt !== batch.receipt) await this.#save({ ...this.#processed, receipt: batch.receipt });
      if (this.#isDone(batch, isNews)) return;
      await this.#pause(batch, wasPreviewed);
    }
  }

  /** @param isNews The batch has told of missed messages, which the server repeats until the next receipt is shown. */
  #isDone({ messages, more }: Batch, isNews: boolean): boolean {
    return this.#options.follow === false && messages.length === 0 && !more && !isNews;
  }

  /** The messages that the program gets. What is left out is acknowledged with them. */
  #unseen(messages: readonly Message[]): Message[] {
    const seen = new Set(this.#processed.recent);
    return messages
      .filter((message) => this.#isWanted(message))
      .filter((message) => !seen.has(keyOf(message)) && seen.add(keyOf(message)));
  }

  #isWanted(message: Message): boolean {
    const { ownCopies = false, quiet = false } = this.#options;
    return (quiet || !message.quiet) && (ownCopies || !isOwnCopy(message, this.#host.ownId));
  }

  /** Tells the program that messages were missed, once for all batches that say so. @returns whether it has told */
  async #tellOfMissed({ missed = false }: Batch): Promise<boolean> {
    const isNews = missed && !this.#knowsOfMissed;
    if (isNews) await (this.#options.onMissed ?? warnOfMissed)();
    this.#knowsOfMissed = missed;
    return isNews;
  }

  async #save(state: InboxState): Promise<void> {
    await this.#host.save(state);
    this.#processed = state;
    this.state = state;
  }

  /** The next batch; undefined once the signal is aborted. */
  #sync(): Promise<Batch | undefined> {
    const { signal, onRetry } = this.#options;
    const { retry: policy, timing } = this.#host;
    return retrying(() => this.#attempt(), {
      policy,
      timing,
      onRetry: (error, delay) => isPassing(error) && onRetry?.(error, delay),
      signal,
      sleeper: this.#sleeper,
    });
  }

  async #attempt(): Promise<Batch | undefined> {
    const { signal } = this.#options;
    if (signal?.aborted) return undefined;
    this.#sleeper.reset();
    this.#previews.onSync();
    try {
      const batch = await this.#host.sync(this.#processed.receipt, signal);
      this.#update({ isReachable: true });
      return batch;
    } catch (error) {
      if (signal?.aborted) return undefined;
      this.#update({ isReachable: !(error instanceof NetworkError) });
      throw error;
    }
  }

  async #pause(batch: Batch, wasPreviewed: boolean): Promise<void> {
    const delay = this.#pace.waitAfter(batch, this.#channel === "live", wasPreviewed);
    if (delay !== undefined) await this.#sleeper.sleep(delay, this.#options.signal);
  }

  #socketOf(host: NonNullable<InboxHost["live"]>): WakeSocket {
    return new WakeSocket({
      ...host,
      timing: this.#host.timing,
      onUp: () => this.#changeTo("live"),
      onDown: (wasUp) => {
        this.#typists.endAll();
        this.#changeTo(wasUp ? "connecting" : "polling");
      },
      onWake: () => this.#sleeper.wake(),
      onPreview: (message) => this.#onPreview(message),
      onTyping: (typist) => this.#typists.hear(typist),
    });
  }

  /**
   * Without a program that stores messages by their ids, a preview is a wake: nothing would tell its message when it comes. A
   * quiet message wakes nobody, and is handed to any program that takes previews.
   */
  #onPreview(message: Message): void {
    this.#endTyping([message]);
    const { onPreview, ownCopies = false } = this.#options;
    const isWanted = onPreview !== undefined && (ownCopies || !isOwnCopy(message, this.#host.ownId));
    // It may be late: a sync has brought it.
    const isLate = this.#processed.recent.includes(keyOf(message));
    if (isWanted && !isLate) this.#previews.add(message);
    else if (!isWanted && !message.quiet) this.#sleeper.wake();
  }

  /** A message ends the typing of its sender. Quiet ones do not: clients send receipts while their user is typing. */
  #endTyping(messages: readonly Message[]): void {
    for (const message of messages.filter(({ quiet }) => !quiet)) this.#typists.end(message);
  }

  /** Syncs when the WebSocket comes and when it goes: a message that came in between has woken nobody. */
  #changeTo(channel: Exclude<ConnectionState, "offline">): void {
    const isNews = (channel === "live") !== (this.#channel === "live");
    this.#update({ channel });
    if (!isNews) return;
    this.#pace.reset();
    this.#sleeper.wake();
  }

  #update({ channel = this.#channel, isReachable = this.#isReachable }): void {
    const before = this.connection;
    this.#channel = channel;
    this.#isReachable = isReachable;
    if (this.connection !== before) this.#options.onConnection?.(this.connection);
  }
}
