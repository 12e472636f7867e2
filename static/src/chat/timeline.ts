import { batch, signal } from "@preact/signals";
import { after, before, merged } from "../storage/history.ts";
import { compare, type Position, type StoredMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";

/** Messages that are loaded at a time. */
const PAGE = 60;

/** The most messages on the page: a phone lays out so many within a frame or two. */
const MOST = 240;

/** A message's place in the view, in pixels below the log's upper edge. */
export interface Anchor {
  readonly id: string;
  readonly top: number;
}

/** A message that is getting a new text, and the text so far. */
interface Editing {
  readonly message: StoredMessage;
  readonly text: string;
  /** Something of it was typed in this tab. */
  readonly isTyped?: boolean;
  /** The message was deleted meanwhile. */
  readonly isDeleted?: boolean;
}

/**
 * The part of a conversation's history that is on the page: a window of at most {@link MOST} messages. It moves as the
 * reader scrolls, so the length of the history does not matter.
 */
export class Timeline {
  readonly peerId: string;
  /** Undefined while the first ones are loading. */
  readonly messages = signal<readonly StoredMessage[] | undefined>(undefined);
  readonly isAtStart = signal(false);
  readonly isAtEnd = signal(true);
  /** The id of the message below the line "New". */
  readonly divider = signal<string | undefined>(undefined);
  /** Whether the reader is at the bottom, where new messages push older ones up. */
  readonly isPinned = signal(true);
  /** The number of messages that arrived below what the reader sees. */
  readonly below = signal(0);
  /** Counts reads of history from the storage. Messages that have just arrived do not count. */
  readonly loads = signal(0);
  /** Where the view scrolls when it is drawn next. The view then resets it. */
  target: "end" | "divider" | { readonly id: string } | undefined = "end";
  /** The ids of messages of others that have not been on the screen yet. */
  readonly unseen = signal<ReadonlySet<string>>(new Set());
  /** The id of the message that the person acts on: the actions are shown on it. */
  readonly active = signal<string | undefined>(undefined);
  /** The message that is replied to. */
  readonly replyTo = signal<StoredMessage | undefined>(undefined);
  /** What is open about a message: a dialog, or all emoji. */
  readonly open = signal<{ readonly message: StoredMessage; readonly what: "Delete" | "Details" | "More" } | undefined>(
    undefined,
  );
  /** The message that is getting a new text. */
  readonly editing = signal<Editing | undefined>(undefined);
  /** The message at which the view keeps the reader, where this is not the bottom. The view sets it. */
  anchor: Anchor | undefined = undefined;
  readonly #database: Database;
  /** Raised when the window jumps: then a page that is being loaded does not belong to it any more. */
  #generation = 0;
  /** The generation for which something is being loaded. */
  #loading: number | undefined;

  constructor(database: Database, peerId: string) {
    this.#database = database;
    this.peerId = peerId;
  }

  /** Shows the newest messages. */
  async openAtEnd(): Promise<void> {
    const messages = await before(this.#database, this.peerId, undefined, PAGE);
    this.#generation++;
    batch(() => {
      this.pin();
      this.isAtStart.value = messages.length < PAGE;
      this.isAtEnd.value = true;
      this.messages.value = messages;
      this.loads.value++;
    });
  }

  /** Shows the first unread message, with some read ones before it. */
  openAt(position: Position): Promise<void> {
    return this.#around(position, () => {
      this.target = "divider";
      this.isPinned.value = false;
      this.divider.value = position.id;
    });
  }

  /** Shows a message, and gives it the focus. */
  jumpTo({ sentAt, id }: Position): Promise<void> {
    return this.#around({ sentAt, id }, () => {
      this.target = { id };
      this.isPinned.value = false;
    });
  }

  /** Shows the messages that have come anywhere into the history, and keeps the reader's place. */
  async reload(): Promise<void> {
    const messages = this.messages.value;
    // It is being read just now.
    if (messages === undefined) return;
    const place = messages.find(({ id }) => id === this.anchor?.id) ?? messages[0];
    if (this.isPinned.value || place === undefined) return this.openAtEnd();
    return this.#around(place, () => {});
  }

  async #around(position: Position, show: () => void): Promise<void> {
    const [earlier, later] = await Promise.all([
      before(this.#database, this.peerId, position, PAGE),
      after(this.#database, this.peerId, position, MOST - PAGE, true),
    ]);
    this.#generation++;
    batch(() => {
      show();
      this.isAtStart.value = earlier.length < PAGE;
      this.isAtEnd.value = later.length < MOST - PAGE;
      this.messages.value = [...earlier, ...later];
      this.loads.value++;
    });
  }

  /** Shows the bottom of the window. */
  pin(): void {
    this.target = "end";
    this.below.value = 0;
    this.isPinned.value = true;
  }

  /** Loads older messages, and drops messages at the other end if there are too many. */
  older(): Promise<void> {
    return this.#load(async (messages, hasJumped) => {
      const [first] = messages;
      if (this.isAtStart.value || first === undefined) return;
      const loaded = await before(this.#database, this.peerId, first, PAGE);
      if (hasJumped()) return;
      // Messages that have arrived meanwhile belong to it, too.
      const all = merged(loaded, this.messages.value ?? []);
      batch(() => {
        this.isAtStart.value = loaded.length < PAGE;
        this.#keepOldest(all);
        this.loads.value++;
      });
    });
  }

  /** Loads newer messages in the same way. */
  newer(): Promise<void> {
    return this.#load(async (messages, hasJumped) => {
      const last = messages.at(-1);
      if (this.isAtEnd.value || last === undefined) return;
      const loaded = await after(this.#database, this.peerId, last, PAGE);
      if (hasJumped()) return;
      batch(() => {
        this.isAtEnd.value = loaded.length < PAGE;
        this.#keepNewest(merged(this.messages.value ?? [], loaded));
        this.loads.value++;
      });
    });
  }

  /** Shows messages that have just been stored, if they belong into the window, or that no timeline shows any more. */
  add(changed: readonly StoredMessage[]): void {
    const messages = this.messages.value;
    if (messages === undefined) return;
    const [first] = messages;
    const last = messages.at(-1);
    const belongs = (message: StoredMessage): boolean => {
      const isBefore = first !== undefined && compare(message, first) < 0;
      const isBehind = last !== undefined && compare(message, last) > 0;
      return (!isBefore || this.isAtStart.value) && (!isBehind || this.isAtEnd.value);
    };
    const isShown = ({ peerId }: StoredMessage): boolean => peerId !== undefined;
    const all = merged(messages, changed.filter(belongs)).filter(isShown);
    if (this.isPinned.value) this.#keepNewest(all);
    else this.#keepOldest(all);
  }

  #keepOldest(messages: StoredMessage[]): void {
    // Nothing above the reader may disappear. Messages that are dropped below are loaded again on the way down.
    if (messages.length > MOST) this.isAtEnd.value = false;
    this.messages.value = messages.slice(0, MOST);
  }

  #keepNewest(messages: StoredMessage[]): void {
    if (messages.length > MOST) this.isAtStart.value = false;
    this.messages.value = messages.slice(-MOST);
  }

  async #load(work: (messages: readonly StoredMessage[], hasJumped: () => boolean) => Promise<void>): Promise<void> {
    const messages = this.messages.value;
    const generation = this.#generation;
    if (this.#loading === generation || messages === undefined) return;
    this.#loading = generation;
    try {
      await work(messages, () => generation !== this.#generation);
    } finally {
      if (this.#loading === generation) this.#loading = undefined;
    }
  }
}
