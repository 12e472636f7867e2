import { keyOf, type Message } from "./message.ts";
import type { Batch } from "./model.ts";
import type { Timing } from "./timing.ts";

/** What {@link Previews} need. */
interface PreviewsHost {
  readonly timing: Pick<Timing, "sleep">;
  /** Shows a message, and stores it durably by its id. If it fails, the message counts as not shown. */
  show(message: Message): void | Promise<void>;
  /** Syncs soon. */
  sync(): void;
}

/** Milliseconds from the first preview to the sync that settles all that came until then. */
const SYNC_MS = 5_000;

/**
 * The previews of an inbox: messages that come over the WebSocket before their sync. A preview settles nothing, and may be
 * lost, doubled, late or out of order. So its message comes by a sync all the same, which need not be at once.
 */
export class Previews {
  readonly #host: PreviewsHost;
  /** Those that no sync has brought yet. */
  readonly #shown = new Set<string>();
  #queue: Promise<void> = Promise.resolve();
  /** The wait for the sync that settles them. */
  #waiting: AbortController | undefined;
  #hasEnded = false;

  constructor(host: PreviewsHost) {
    this.#host = host;
  }

  /** From now on previews are shown. */
  begin(): void {
    this.#hasEnded = false;
  }

  /** Shows one after the other. */
  add(message: Message): void {
    if (this.#hasEnded || this.#shown.has(keyOf(message))) return;
    this.#shown.add(keyOf(message));
    // A quiet one comes with the next sync, whenever that is.
    if (!message.quiet) void this.#syncLater();
    this.#queue = this.#queue.then(() => this.#show(message));
  }

  /** Syncs at once if a sync is to settle previews later. */
  flush(): void {
    if (this.#waiting === undefined) return;
    this.onSync();
    this.#host.sync();
  }

  /** A sync begins. It brings all that has come as a preview by now. */
  onSync(): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
  }

  /** @returns whether the batch has no message but those that came as previews before */
  removeSynced({ messages, more }: Batch): boolean {
    const keys = messages.map(keyOf);
    const isKnown = keys.every((key) => this.#shown.has(key));
    for (const key of keys) this.#shown.delete(key);
    // Another client may have taken one: it never comes.
    if (!more) this.#shown.clear();
    return isKnown;
  }

  /** Shows no more of them, and syncs for none. */
  end(): void {
    this.#hasEnded = true;
    this.#shown.clear();
    this.onSync();
  }

  async #syncLater(): Promise<void> {
    if (this.#waiting !== undefined) return;
    const waiting = new AbortController();
    this.#waiting = waiting;
    await this.#host.timing.sleep(SYNC_MS, waiting.signal);
    if (!waiting.signal.aborted) this.flush();
  }

  async #show(message: Message): Promise<void> {
    if (this.#hasEnded) return;
    try {
      await this.#host.show(message);
    } catch {
      // The sync brings it to the loop, which meets the same failure, and tells of it.
      this.#shown.delete(keyOf(message));
      this.flush();
    }
  }
}
