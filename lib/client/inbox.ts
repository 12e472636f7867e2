import { NetworkError } from "./errors.ts";
import { Live, type LiveHost } from "./live.ts";
import type { Batch, Message } from "./model.ts";
import { askedDelay, backoff, isPassing, type OnRetry, type RetryPolicy, stopwatch } from "./retry.ts";
import { type Timing, withScope } from "./timing.ts";

/**
 * Where a receiver stands: a plain JSON value. Keep it, hand it to the next `receive`, and nothing is lost or repeated.
 */
export interface InboxState {
  /** The receipt to show next. */
  readonly receipt: string;
  /** The messages taken last, as `senderId/messageId`: of a batch that comes once more, these are skipped. */
  readonly recent: readonly string[];
}

/** How often to ask when nothing happens, in milliseconds. May be changed at any time, say when a page gets hidden. */
export interface Poll {
  /** The first wait after messages came. */
  min: number;
  /** Waits grow up to this. */
  max: number;
}

/**
 * How messages come: `live`, at once, as a WebSocket says when to ask; `polling`, as there is none; `connecting`, before
 * either is known; `offline`, not at all, as the server cannot be reached.
 */
export type ConnectionState = "connecting" | "live" | "polling" | "offline";

/** Options of `receive`. */
export interface ReceiveOptions {
  /** Go on from here; default: where this client stopped, or else the receipt that `login` returned. */
  readonly state?: InboxState | undefined;
  /**
   * Called, and waited for, after each message that was taken and before the acknowledgement that depends on it. If it
   * throws, so does the loop, and the message comes again.
   */
  readonly onState?: (state: InboxState) => void | Promise<void>;
  /** Ends the loop as if there were no further message. */
  readonly signal?: AbortSignal;
  /** The most messages of a batch, 1 to 100. */
  readonly limit?: number;
  /**
   * False: it ends when a sync finds nothing to hand out, with all that was taken acknowledged, and throws when syncs go
   * on failing for longer than the client's `retry.giveUpAfter`. Default: true, it goes on without an end.
   */
  readonly follow?: boolean;
  /**
   * Default: 250 ms to 5 s. While a WebSocket is there it asks every 5 minutes at least, in case a wake is lost, and within
   * seconds while people talk.
   */
  readonly poll?: Partial<Poll>;
  /** Called with each new state of the connection, see {@link Inbox.connection}. */
  readonly onConnection?: (state: ConnectionState) => void;
  /** Called when a sync failed and will be tried again, as it is without an end. */
  readonly onRetry?: OnRetry;
}

/** What an inbox needs from its client. */
interface InboxHost {
  readonly timing: Timing;
  readonly retry: RetryPolicy;
  readonly state: InboxState;
  /** The WebSocket; without it there is none. */
  readonly live: Pick<LiveHost, "url" | "WebSocket" | "proof"> | undefined;
  sync(ack: string, signal: AbortSignal | undefined): Promise<Batch>;
  save(state: InboxState): void | Promise<void>;
}

/**
 * Two of the largest batches. One would do: a batch can come again only until the next one is out, and all of them but
 * the last are settled.
 */
const RECENT_KEPT = 200;

/** Waits between syncs that find nothing grow by this factor. */
const GROWTH = 1.5;

/**
 * What asks while wakes come: seldom, but soon after something happened. A message that is sent in the moment in which a
 * connection begins finds it not yet known, and so wakes nobody. Of a wake that is lost the next ping tells as well, see
 * `live.ts`. So a message waits 5 minutes for it at most.
 */
export const SAFETY_NET: Readonly<Poll> = { min: 5_000, max: 300_000 };

const keyOf = ({ senderId, messageId }: Message): string => `${senderId}/${messageId}`;

/**
 * The messages of the user who is logged in, in order, without an end.
 *
 * A message is *taken* once the loop asks for the next one, or ends because the signal was aborted. A batch is
 * acknowledged, by the sync after it, only when all of it is taken. Leaving the loop by `break` or by a throw leaves the
 * message in hand untaken, since a body that failed must not lose it: it comes again. Whoever is done with it goes on
 * from {@link Inbox.state}, or aborts the signal instead.
 */
export class Inbox implements AsyncIterable<Message> {
  /**
   * Where the receiver stands once the message in hand is taken. Stored in one transaction with the message it makes
   * the delivery exact, even if the process dies at any moment.
   */
  state: InboxState;
  readonly poll: Poll;
  readonly #host: InboxHost;
  readonly #options: ReceiveOptions;
  readonly #live: Live | undefined;
  #taken: InboxState;
  #woken = false;
  #nap: AbortController | undefined;
  #interval = 0;
  #channel: Exclude<ConnectionState, "offline">;
  #isReachable = true;

  constructor(host: InboxHost, options: ReceiveOptions) {
    this.#host = host;
    this.#options = options;
    this.#taken = host.state;
    this.state = host.state;
    this.poll = { min: options.poll?.min ?? 250, max: options.poll?.max ?? 5_000 };
    this.#live = host.live && this.#follows ? this.#liveOf(host.live) : undefined;
    this.#channel = this.#live === undefined ? "polling" : "connecting";
  }

  get #follows(): boolean {
    return this.#options.follow ?? true;
  }

  /** How messages come now. */
  get connection(): ConnectionState {
    return this.#isReachable ? this.#channel : "offline";
  }

  /**
   * Makes it sync, and connect, at once: something is known to be there, or the network is back. Only a `Retry-After`
   * outlasts it.
   */
  wake(): void {
    this.#nudge();
    this.#live?.retry();
  }

  /** @throws ProblemError when the server refuses for good, above all 401; what `onState` throws. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    const { signal } = this.#options;
    const loop = new AbortController();
    const end = () => loop.abort();
    signal?.addEventListener("abort", end);
    if (!signal?.aborted) void this.#live?.run(loop.signal);
    try {
      yield* this.#messages();
    } finally {
      signal?.removeEventListener("abort", end);
      end();
    }
  }

  async *#messages(): AsyncGenerator<Message, void, undefined> {
    const { signal } = this.#options;
    // A receipt must be known before it is shown, or a restart could not show it again.
    await this.#take(this.#taken);
    while (!signal?.aborted) {
      const batch = await this.#sync();
      if (batch === undefined) return;
      const unseen = this.#unseen(batch.messages);
      for (const [index, message] of unseen.entries()) {
        if (signal?.aborted) return;
        const receipt = index === unseen.length - 1 ? batch.receipt : this.#taken.receipt;
        this.state = { receipt, recent: [...this.#taken.recent, keyOf(message)].slice(-RECENT_KEPT) };
        yield message;
        await this.#take(this.state);
      }
      if (this.#taken.receipt !== batch.receipt) await this.#take({ ...this.#taken, receipt: batch.receipt });
      if (this.#isEnough(batch)) return;
      await this.#pause(batch);
    }
  }

  #isEnough({ messages, more }: Batch): boolean {
    return !this.#follows && messages.length === 0 && !more;
  }

  #unseen(messages: readonly Message[]): Message[] {
    const seen = new Set(this.#taken.recent);
    return messages.filter((message) => !seen.has(keyOf(message)) && seen.add(keyOf(message)));
  }

  async #take(state: InboxState): Promise<void> {
    await this.#host.save(state);
    this.#taken = state;
    this.state = state;
  }

  /** The next batch; undefined once the signal is aborted. */
  async #sync(): Promise<Batch | undefined> {
    const { signal, onRetry } = this.#options;
    const { retry, timing } = this.#host;
    const spent = stopwatch(timing);
    const giveUpAfter = this.#follows ? Infinity : retry.giveUpAfter;
    for (let attempts = 0; !signal?.aborted; attempts++) {
      this.#woken = false;
      try {
        const batch = await this.#host.sync(this.#taken.receipt, signal);
        this.#note({ isReachable: true });
        return batch;
      } catch (error) {
        if (signal?.aborted) return;
        this.#note({ isReachable: !(error instanceof NetworkError) });
        if (!isPassing(error)) throw error;
        const asked = askedDelay(error);
        const jitter = backoff(attempts, retry, timing);
        if (spent() + asked + jitter > giveUpAfter) throw error;
        onRetry?.(error, asked + jitter);
        await timing.sleep(asked, signal);
        await this.#nod(jitter);
      }
    }
    return;
  }

  async #pause({ messages, more, retryAfter }: Batch): Promise<void> {
    const { random } = this.#host.timing;
    const { min, max } = this.#channel === "live" ? SAFETY_NET : this.poll;
    const moved = messages.length > 0 || more;
    this.#interval = moved ? min : Math.min(max, Math.max(min, this.#interval * GROWTH));
    // Without messages "more" waits too: a server that has nothing but promises is not asked in a tight loop.
    if (more && messages.length > 0) return;
    if (retryAfter !== undefined) return this.#nod(1_000 * retryAfter + random() * min);
    await this.#nod(this.#interval * (0.5 + random() / 2));
  }

  #liveOf(host: Pick<LiveHost, "url" | "WebSocket" | "proof">): Live {
    return new Live({
      ...host,
      timing: this.#host.timing,
      onUp: () => this.#changeTo("live"),
      onDown: (wasUp) => this.#changeTo(wasUp ? "connecting" : "polling"),
      onWake: () => this.#nudge(),
    });
  }

  /** Syncs on every gain and loss of the WebSocket: what came in between woke nobody. */
  #changeTo(channel: Exclude<ConnectionState, "offline">): void {
    const isNews = (channel === "live") !== (this.#channel === "live");
    this.#note({ channel });
    if (!isNews) return;
    this.#interval = 0;
    this.#nudge();
  }

  #note({ channel = this.#channel, isReachable = this.#isReachable }): void {
    const before = this.connection;
    this.#channel = channel;
    this.#isReachable = isReachable;
    if (this.connection !== before) this.#options.onConnection?.(this.connection);
  }

  #nudge(): void {
    this.#woken = true;
    this.#nap?.abort();
  }

  /** Sleeps until the time is over, {@link wake} is called or the signal is aborted. */
  #nod(milliseconds: number): Promise<void> {
    if (this.#woken) return Promise.resolve();
    return withScope(this.#options.signal, async (nap) => {
      this.#nap = nap;
      await this.#host.timing.sleep(milliseconds, nap.signal);
      this.#nap = undefined;
    });
  }
}
