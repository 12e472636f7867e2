import type { Batch, Message } from "../../lib/client/index.ts";
import { type Entry, isInOrder, isLost, Ledger, nameOf } from "../support/ledger.ts";
import { capacityIn, type UnheardSync } from "./forfeits.ts";

/** What names a message: two senders may use the same `messageId`. */
export type Identity = Pick<Message, "senderId" | "messageId">;

/** What a message went through, beside its entry in the ledger. */
interface Story {
  readonly receiverId: string;
  /** When its first attempt began, in milliseconds since the start. */
  readonly began: number;
  /** It was in an answer that is known to have been thrown away; such a message may be missing. */
  forfeited: boolean;
  readonly history: string[];
}

/** An entry of the ledger, and its story. */
interface Told {
  readonly entry: Entry;
  readonly story: Story;
}

/** What the run came to, in counts. */
export type Totals = Readonly<Record<string, number>>;

/** A ledger that also knows what the contract gives up, and the history of every single message. */
export class SoakLedger {
  readonly #ledger = new Ledger();
  readonly #stories = new Map<string, Story>();
  readonly #batches = new Map<string, string>();
  readonly #unheard: UnheardSync[] = [];
  readonly #violations: string[] = [];
  readonly #started = performance.now();

  /** Messages that the server has answered for. */
  get answered(): number {
    return this.#ledger.accepted;
  }

  /** Messages of which sending began. */
  get begun(): number {
    return this.#ledger.begun;
  }

  /** Messages that clients have kept. */
  get kept(): number {
    return this.#ledger.deliveries;
  }

  /** To be called before the first attempt. */
  begin(message: Identity, receiverId: string, content: string): void {
    const name = nameOf(message);
    this.#ledger.begin({ name, sender: message.senderId, content });
    this.#stories.set(name, { receiverId, began: this.#now(), forfeited: false, history: [] });
  }

  /** The server answered 202. */
  told(message: Identity): void {
    this.#note(message, "answered");
    this.#ledger.accept(nameOf(message));
  }

  /** An answer of `sync`, whole. `reached`: its client has it, and did not throw it away. */
  handed(receiverId: string, device: string, { receipt, messages }: Batch, reached = true): void {
    for (const message of messages) {
      const story = this.#check(message, receiverId);
      this.#note(message, `${device}: ${reached ? "handed" : "LOST"}, ${flagOf(message)}, receipt ${receipt}`);
      this.#ledger.handOut({ name: nameOf(message), redelivered: message.redelivered });
      if (story && !reached) story.forfeited = true;
    }
    const names = messages.map(nameOf);
    this.check(isInOrder(names), `a batch out of order at ${device}: ${names}`);
    const before = this.#batches.get(receipt);
    if (messages.length === 0) return;
    // A batch that comes once more under the same receipt is the same batch.
    this.check((before ?? names.join()) === names.join(), `two batches with the receipt ${receipt}, at ${device}`);
    this.#batches.set(receipt, names.join());
  }

  /** A client has stored it, for good. */
  keep(message: Message, receiverId: string, device: string): void {
    this.#check(message, receiverId);
    this.#note(message, `${device}: kept, ${flagOf(message)}`);
    this.#ledger.deliver({ name: nameOf(message), content: message.content, redelivered: message.redelivered });
  }

  /** Nobody heard the answer to a sync without `ack`: what it took, up to `limit` messages, is given up. */
  unheard(receiverId: string, limit: number): void {
    this.#unheard.push({ receiverId, limit, ended: this.#now() });
  }

  check(holds: boolean, otherwise: string): void {
    if (!holds) this.#violations.push(otherwise);
  }

  /** What does not hold, each with the history of its message. To be called when every channel is drained. */
  verdict(): string[] {
    const missing: Told[] = [];
    for (const told of this.#all()) {
      const { entry, story } = told;
      const complain = (what: string): void => void this.#violations.push(`${what}: ${describe(told)}`);
      if (entry.handedOutAsNew > 1) complain("handed out as new more than once");
      if (asNew(entry) > 1) complain("kept twice, unflagged");
      if (story.forfeited) continue;
      if (entry.handedOutAsNew > 0 && !isKept(entry)) complain("reached a client, and was not kept");
      if (isLost(entry)) missing.push(told);
    }
    const excused = capacityIn(this.#unheard);
    const inOrder = missing.toSorted((one, other) => other.story.began - one.story.began);
    for (const told of inOrder) {
      const { receiverId, began } = told.story;
      if (!excused(receiverId, began)) this.#violations.push(`lost: ${describe(told)}`);
    }
    return this.#violations;
  }

  totals(): Totals {
    const all = this.#all();
    const count = (of: (entry: Entry, story: Story) => boolean): number =>
      all.filter(({ entry, story }) => of(entry, story)).length;
    return {
      messages: all.length,
      answered: this.answered,
      "kept once, as new": count((entry) => asNew(entry) === 1 && flagged(entry) === 0),
      "kept once, flagged": count((entry) => asNew(entry) === 0 && flagged(entry) === 1),
      "kept again, flagged": count((entry) => flagged(entry) > 0 && entry.deliveries.length > 1),
      "never answered, kept": count((entry) => !entry.accepted && isKept(entry)),
      "never answered, never kept": count((entry) => !entry.accepted && !isKept(entry)),
      "answers thrown away: messages": count((_, story) => story.forfeited),
      "syncs without ack, unheard": this.#unheard.length,
      "given up with these": count((entry, story) => isLost(entry) && !story.forfeited),
    };
  }

  #all(): Told[] {
    return this.#ledger.entries.flatMap((entry) => {
      const story = this.#stories.get(entry.name);
      return story ? [{ entry, story }] : [];
    });
  }

  #check(message: Message, receiverId: string): Story | undefined {
    const name = nameOf(message);
    const entry = this.#ledger.entryOf(name);
    const story = this.#stories.get(name);
    this.check(entry !== undefined, `never sent: ${name}`);
    this.check(story === undefined || story.receiverId === receiverId, `at the wrong receiver: ${name}`);
    this.check(entry === undefined || entry.content === message.content, `another content: ${name}`);
    return story;
  }

  #note(message: Identity, what: string): void {
    this.#stories.get(nameOf(message))?.history.push(`${Math.round(this.#now())} ms ${what}`);
  }

  #now(): number {
    return performance.now() - this.#started;
  }
}

const flagged = ({ deliveries }: Entry): number => deliveries.filter((flag) => flag).length;

const asNew = (entry: Entry): number => entry.deliveries.length - flagged(entry);

const isKept = ({ deliveries }: Entry): boolean => deliveries.length > 0;

const flagOf = ({ redelivered }: Message): string => (redelivered ? "redelivered" : "new");

const describe = ({ entry: { name, accepted }, story: { receiverId, began, history } }: Told): string =>
  [`${name} to ${receiverId}, sent at ${Math.round(began)} ms, ${accepted ? "" : "not "}answered`, ...history].join(
    "\n    ",
  );
