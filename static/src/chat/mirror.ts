import { batch, signal } from "@preact/signals";
import { newestFirst } from "../storage/conversations.ts";
import type { Conversation, QueuedMessage, Stored } from "../storage/records.ts";

/** Milliseconds until a failed read is repeated, if nothing changes before. */
const PAUSE = 5_000;

/** The part of the storage that every tab shows. */
export type Snapshot = readonly [conversations: readonly Conversation[], outbox: readonly QueuedMessage[]];

/** What has changed in the history, without what can be read again. */
type Changed = Pick<Stored, "messages" | "news">;

/** What a {@link Mirror} needs. */
export interface MirrorHost {
  /** Reads the storage. */
  read(): Promise<Snapshot>;
  /** Called in the same frame as the change. */
  onChanged(changed: Stored): void;
  /** Aborted when this tab is done. */
  readonly life: AbortSignal;
}

const NOTHING: Changed = { messages: [], news: [] };

/** Shows what is stored: reads it after changes of other tabs, and adds this tab's own changes without a read. */
export class Mirror {
  /** Undefined while they are loading. */
  readonly conversations = signal<readonly Conversation[] | undefined>(undefined);
  readonly outbox = signal<readonly QueuedMessage[]>([]);
  readonly #host: MirrorHost;
  #refreshed: Promise<void> = Promise.resolve();
  /** Changes by other tabs that this one does not show yet, since the storage failed. */
  #missed: Changed = NOTHING;
  #nextRefresh: ReturnType<typeof setTimeout> | undefined;
  /** Counts the changes that were added without a read. */
  #changes = 0;

  constructor(host: MirrorHost) {
    this.#host = host;
  }

  /** Resolves when the reads that have been asked for are done. */
  get refreshed(): Promise<void> {
    return this.#refreshed;
  }

  /**
   * Reads again what has changed. One read at a time, so that the last one is the newest. If the storage fails, the
   * view stays as it is, and the next change or {@link PAUSE} repeats the read. Never rejects.
   *
   * @param changed what another tab has stored
   */
  refresh(changed: Changed = NOTHING): Promise<void> {
    this.#refreshed = this.#refreshed.then(async () => {
      const fresh = {
        messages: [...this.#missed.messages, ...changed.messages],
        news: [...this.#missed.news, ...changed.news],
      };
      try {
        await this.#read(fresh);
        this.#missed = NOTHING;
      } catch {
        this.#missed = fresh;
        clearTimeout(this.#nextRefresh);
        this.#nextRefresh = setTimeout(() => void this.refresh(), PAUSE);
      }
    });
    return this.#refreshed;
  }

  /** Adds what this tab has just stored. */
  add(stored: Stored): void {
    const { conversations, sent } = stored;
    this.#changes++;
    const changed = new Set(conversations.map(({ peerId }) => peerId));
    const others = (this.conversations.value ?? []).filter(({ peerId }) => !changed.has(peerId));
    batch(() => {
      if (this.conversations.value) this.conversations.value = newestFirst([...conversations, ...others]);
      if (sent !== undefined) this.outbox.value = this.outbox.value.filter(({ sequence }) => sequence !== sent);
      this.#host.onChanged(stored);
    });
  }

  /** Adds a message that this tab has just put into the outbox. */
  addQueued(message: QueuedMessage): void {
    this.#changes++;
    this.outbox.value = [...this.outbox.value, message];
  }

  /** All of it appears in one frame. */
  async #read(changed: Changed): Promise<void> {
    for (let seen = -1; seen !== this.#changes; ) {
      if (this.#host.life.aborted) return;
      // A change that is added during the read may be newer than its result.
      seen = this.#changes;
      const [conversations, outbox] = await this.#host.read();
      if (seen !== this.#changes) continue;
      batch(() => {
        this.conversations.value = conversations;
        this.outbox.value = outbox;
        this.#host.onChanged({ ...changed, conversations });
      });
    }
  }
}
