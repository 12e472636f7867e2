import type { Message } from "../../lib/client/index.ts";

/** A message as its sender knows it. */
export interface SentMessage<Name extends string = string> {
  /** Unique. On one channel the names are in the order of the messages. */
  readonly name: Name;
  readonly sender: string;
  readonly content: string;
}

/** A message as a receiver got it. */
export interface ReceivedMessage<Name extends string = string> {
  readonly name: Name;
  readonly content: string;
  /** Flagged: it may have come before. */
  readonly redelivered: boolean;
}

/** A message, and what happened to it. */
export interface Entry<Name extends string = string> extends SentMessage<Name> {
  /** Counts the messages of the ledger, in the order in which their senders began them. */
  readonly number: number;
  /** The server answered for it. */
  readonly accepted: boolean;
  /** How many answers of the server had it as new, whether or not they reached a client. */
  readonly handedOutAsNew: number;
  /** One for each delivery to a client: whether it was flagged. */
  readonly deliveries: readonly boolean[];
}

/** How the deliveries differ from what senders were told. Messages are named by their content. */
export interface Verdict {
  /** Accepted, and never delivered. */
  readonly lost: readonly string[];
  /** One for each delivery after a message's first one that is not flagged. */
  readonly repeated: readonly string[];
  /** One for each delivery after a message's first one that is flagged. */
  readonly repeatedFlagged: readonly string[];
  /** Delivered with another content, or never sent; or handed out and never sent, by its name. */
  readonly foreign: readonly string[];
}

/** The verdict when each accepted message was delivered once. */
export const EXACTLY_ONCE: Verdict = { lost: [], repeated: [], repeatedFlagged: [], foreign: [] };

/** Names a message of the client library: two senders may use the same `messageId`. */
export const nameOf = ({ messageId, senderId }: Pick<Message, "messageId" | "senderId">): string =>
  `${messageId}#${senderId}`;

/** Whether a batch is in the order of its channel. */
export const isInOrder = (names: readonly string[]): boolean => names.join() === names.toSorted().join();

/** Whether an entry's message was accepted, and never delivered. */
export const isLost = ({ accepted, deliveries }: Entry): boolean => accepted && deliveries.length === 0;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Records what senders were told and what receivers got, message by message. */
export class Ledger<Name extends string = string> {
  readonly #entries = new Map<Name, Mutable<Entry<Name>>>();
  /** In the order of their first deliveries. */
  readonly #delivered: Entry<Name>[] = [];
  readonly #foreign: string[] = [];
  #accepted = 0;
  #deliveries = 0;

  /** A sender begins to send. Another attempt at the same message changes nothing. */
  begin(message: SentMessage<Name>): void {
    if (this.#entries.has(message.name)) return;
    const number = this.#entries.size;
    this.#entries.set(message.name, { ...message, number, accepted: false, handedOutAsNew: 0, deliveries: [] });
  }

  /**
   * The server answered that it has the message.
   *
   * @throws {Error} No sender began it.
   */
  accept(name: Name): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Error(`accepted, and never begun: ${name}`);
    if (!entry.accepted) this.#accepted++;
    entry.accepted = true;
  }

  /** An answer of the server has the message, whether or not the answer reaches a client. */
  handOut({ name, redelivered }: Omit<ReceivedMessage<Name>, "content">): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) this.#foreign.push(name);
    else if (!redelivered) entry.handedOutAsNew++;
  }

  /** A client has the message for good. */
  deliver({ name, content, redelivered }: ReceivedMessage<Name>): void {
    this.#deliveries++;
    const entry = this.#entries.get(name);
    if (entry?.content !== content) this.#foreign.push(content);
    if (entry === undefined) return;
    if (entry.deliveries.length === 0) this.#delivered.push(entry);
    entry.deliveries = [...entry.deliveries, redelivered];
  }

  /** The entry of a message that was begun. */
  entryOf(name: Name): Entry<Name> | undefined {
    return this.#entries.get(name);
  }

  /** All messages that were begun, in that order. */
  get entries(): readonly Entry<Name>[] {
    return [...this.#entries.values()];
  }

  /** How many messages were begun. */
  get begun(): number {
    return this.#entries.size;
  }

  /** How many messages were accepted. */
  get accepted(): number {
    return this.#accepted;
  }

  /** How many deliveries there were. */
  get deliveries(): number {
    return this.#deliveries;
  }

  /** Compares both sides. To be asked when nothing more comes. */
  verdict(): Verdict {
    const { entries } = this;
    const repeats = (flagged: boolean): string[] =>
      entries.flatMap(({ content, deliveries }) =>
        deliveries.slice(1).flatMap((flag) => (flag === flagged ? [content] : [])),
      );
    return {
      lost: contentsOf(entries.filter(isLost)),
      repeated: repeats(false),
      repeatedFlagged: repeats(true),
      foreign: [...this.#foreign],
    };
  }

  /** Messages whose first delivery is flagged: it looks like a repeat, and is none. That breaks no promise. */
  get newFlagged(): readonly string[] {
    return contentsOf(this.#delivered.filter(({ deliveries: [first] }) => first));
  }

  /**
   * Messages whose first delivery came after that of a later message of the same sender. Means something only if senders
   * wait for the answer to one message before they begin the next.
   */
  get outOfOrder(): readonly string[] {
    const newest = new Map<string, number>();
    const late = this.#delivered.filter(({ sender, number }) => {
      const before = newest.get(sender) ?? -1;
      newest.set(sender, Math.max(before, number));
      return number < before;
    });
    return contentsOf(late);
  }
}

const contentsOf = (entries: readonly Entry[]): string[] => entries.map(({ content }) => content);
