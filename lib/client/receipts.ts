import { isGroupId, LARGEST_GROUP } from "../contract/groups.ts";
import { MOST_IDS } from "./contents.ts";
import type { Message } from "./message.ts";
import type { Outgoing } from "./options.ts";
import { isPassing } from "./retry.ts";
import type { Timing } from "./timing.ts";

/** A message that a receipt may be about: a `Message` or a `FoldedMessage`. */
export interface Received extends Pick<Message, "messageId" | "senderId" | "type" | "quiet" | "toId"> {
  readonly conversationId?: string;
}

/** What {@link Receipts} need. */
export interface ReceiptsHost {
  readonly timing: Pick<Timing, "sleep">;
  /** The user's own id. */
  readonly ownId: string;
  /** Sends a receipt, as `Client.send` does. */
  send(receipt: Outgoing): Promise<unknown>;
  /** How many members a group has; undefined: not known, so nobody is told. */
  membersOf?(groupId: string): number | undefined;
}

/** Milliseconds from the first message to the receipt for all that came until then. */
const COALESCE_MS = 5_000;

/** What goTalk's first clients send, and what no person has written. */
const WITHOUT_RECEIPTS = new Set<string | undefined>([
  undefined,
  "edit",
  "deletion",
  "reaction",
  "delivered",
  "read",
  "own",
  "group",
]);

/** Has receipts, quiet or not. A quiet message of an unknown type is none that people read. */
const WRITTEN = new Set<string | undefined>(["text", "file"]);

/**
 * Whether the sender of a message can be told that it was delivered or read: a person has written it, and no client of the first
 * version has sent it.
 */
export const hasReceipts = ({ senderId, type, quiet = false }: Received, ownId: string): boolean =>
  senderId !== ownId && (WRITTEN.has(type) || !(quiet || WITHOUT_RECEIPTS.has(type)));

const groupOf = ({ conversationId, toId }: Received): string | undefined =>
  [conversationId, toId].find((id) => id !== undefined && isGroupId(id));

/** What one receipt says. */
interface Part {
  readonly type: "delivered" | "read";
  readonly ids: readonly string[];
}

/** What one person is to be told. */
class Pending {
  readonly delivered = new Set<string>();
  readonly read = new Set<string>();
  #isDeliveredNext = false;

  get isEmpty(): boolean {
    return this.delivered.size === 0 && this.read.size === 0;
  }

  /** Takes what the next receipt is about. Both kinds take turns, so that none waits for ever. */
  nextPart(): Part {
    // What was read is delivered.
    for (const id of this.read) this.delivered.delete(id);
    const isRead = this.read.size > 0 && !(this.#isDeliveredNext && this.delivered.size > 0);
    this.#isDeliveredNext = isRead;
    const from = isRead ? this.read : this.delivered;
    const ids = [...from].slice(0, MOST_IDS);
    for (const id of ids) from.delete(id);
    return { type: isRead ? "read" : "delivered", ids };
  }

  /** Takes all. */
  *parts(): Generator<Part> {
    while (!this.isEmpty) yield this.nextPart();
  }
}

/**
 * Tells senders that their messages were delivered and read. All that happens within 5 seconds is one message to a person.
 *
 * A message without a type has no receipts: it came from one of goTalk's first clients, which would show them as texts. In a
 * group only `read` is told, and only up to 20 members. The caller leaves out messages of people to whom nothing is to go back:
 * of strangers who are not accepted yet, and of blocked people.
 *
 * @example
 * ```ts
 * const ownId = client.session?.id ?? "";
 * const receipts = new Receipts({ timing: realTiming, ownId, send: (receipt) => client.send(receipt) });
 * for await (const message of client.receive()) {
 *   receipts.delivered([message]);
 *   console.log(message.content);
 *   receipts.read([message]);
 * }
 * await receipts.flush();
 * ```
 */
export class Receipts {
  readonly #host: ReceiptsHost;
  /** By the ids of persons. */
  readonly #pending = new Map<string, Pending>();
  readonly #waits = new Map<string, AbortController>();
  readonly #life = new AbortController();
  #tellsRead = true;

  constructor(host: ReceiptsHost) {
    this.#host = host;
  }

  /** Whether senders are told what was read. If not, reading counts for nothing. It may be changed at any time. */
  get tellsRead(): boolean {
    return this.#tellsRead;
  }

  set tellsRead(tellsRead: boolean) {
    this.#tellsRead = tellsRead;
    if (tellsRead) return;
    for (const { read } of this.#pending.values()) read.clear();
  }

  /** Call it once messages are stored durably. */
  delivered(messages: readonly Received[]): void {
    for (const message of messages) {
      if (hasReceipts(message, this.#host.ownId) && groupOf(message) === undefined) {
        this.#add(message.senderId, message.messageId, "delivered");
      }
    }
  }

  /** Call it once messages were on the screen of a visible window. */
  read(messages: readonly Received[]): void {
    for (const message of messages) {
      if (hasReceipts(message, this.#host.ownId) && this.#isSmall(groupOf(message))) {
        this.#add(message.senderId, message.messageId, "read");
      }
    }
  }

  /**
   * Tells at once all that is to be told. Call it when the program may be stopped: a hidden page may be.
   *
   * @returns when everything was tried once. Never rejects
   */
  async flush(): Promise<void> {
    this.#stopWaiting();
    const all = [...this.#pending];
    // What fails is put back, for later.
    this.#pending.clear();
    // All at once: a page that is closed has no time for one after the other.
    const parts = all.flatMap(([personId, pending]) => [...pending.parts()].map((part) => this.#send(personId, part)));
    await Promise.all(parts);
  }

  /** Tells nothing any more, and gives up what is being sent. */
  end(): void {
    this.#life.abort();
    this.#stopWaiting();
    this.#pending.clear();
  }

  #stopWaiting(): void {
    for (const wait of this.#waits.values()) wait.abort();
    this.#waits.clear();
  }

  #isSmall(groupId: string | undefined): boolean {
    return groupId === undefined || (this.#host.membersOf?.(groupId) ?? Number.POSITIVE_INFINITY) <= LARGEST_GROUP;
  }

  #add(personId: string, messageId: string, kind: "delivered" | "read"): void {
    // What has failed may have become a secret since.
    if (this.#life.signal.aborted || (kind === "read" && !this.#tellsRead)) return;
    const pending = this.#pending.get(personId) ?? new Pending();
    this.#pending.set(personId, pending);
    pending[kind].add(messageId);
    void this.#tellLater(personId, pending);
  }

  async #tellLater(personId: string, pending: Pending): Promise<void> {
    if (this.#waits.has(personId)) return;
    const wait = new AbortController();
    this.#waits.set(personId, wait);
    await this.#host.timing.sleep(COALESCE_MS, wait.signal);
    if (wait.signal.aborted) return;
    this.#waits.delete(personId);
    await this.#tell(personId, pending);
  }

  async #tell(personId: string, pending: Pending): Promise<void> {
    const part = pending.nextPart();
    if (pending.isEmpty) this.#pending.delete(personId);
    else void this.#tellLater(personId, pending);
    await this.#send(personId, part);
  }

  async #send(personId: string, { type, ids }: Part): Promise<void> {
    if (ids.length === 0) return;
    const { signal } = this.#life;
    try {
      await this.#host.send({ to: personId, type, content: JSON.stringify(ids), signal });
    } catch (error) {
      // A person who has blocked the user, or is gone, need not be told.
      if (!signal.aborted && isPassing(error)) for (const messageId of ids) this.#add(personId, messageId, type);
    }
  }
}
