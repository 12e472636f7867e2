import type { Batch, Message } from "../../lib/client/index.ts";
import { type Entry, isInOrder, isLost, Ledger, nameOf } from "../support/ledger.ts";
import { capacityIn, type UnheardSync } from "./forfeits.ts";

/** What names a message: two senders may use the same `messageId`. */
export type Identity = Pick<Message, "senderId" | "messageId">;

/** What a message went through, beside its entry in the ledger. */
interface Story {
  /** Whose it is: see {@link SoakLedger.begin}. */
  readonly place: string;
  /** When its first attempt began, in milliseconds since the start. */
  readonly began: number;
  /** It was in an answer that is known to have been thrown away; such a message may be missing. */
  forfeited: boolean;
  readonly history: string[];
}

/** An entry of the ledger, and its story. */
interface Chapter {
  readonly entry: Entry;
  readonly story: Story;
}

/** What the run came to, in counts. */
export type Totals = Readonly<Record<string, number>>;

/** A ledger that also knows what the contract gives up, and the history of every single message. */
export class SoakLedger {
  readonly #ledger = new Ledger();
  readonly #stories = new Map<string, Story>();
  /** By message: the places that it goes to. */
  readonly #places = new Map<string, readonly string[]>();
  readonly #accepted = new Set<string>();
  readonly #batches = new Map<string, string>();
  readonly #unheard: UnheardSync[] = [];
  readonly #violations: string[] = [];
  readonly #started = performance.now();

  /** Messages that the server has answered for. */
  get answered(): number {
    return this.#accepted.size;
  }

  /** Messages of which sending began. */
  get begun(): number {
    return this.#places.size;
  }

  /** Messages that clients have kept, at each place. */
  get kept(): number {
    return this.#ledger.deliveries;
  }

  /**
   * To be called before the first attempt.
   *
   * @param places What has a channel of its own, and gets the message: each device of the receiver, and each other one of the
   *   sender.
   * @throws {Error} The message was begun before: its story would begin anew.
   */
  begin(message: Identity, places: readonly string[], content: string): void {
    const name = nameOf(message);
    if (this.#places.has(name)) throw new Error(`begun twice: ${name}`);
    this.#places.set(name, places);
    for (const place of places) {
      const entry = entryNameOf(message, place);
      this.#ledger.begin({ name: entry, sender: message.senderId, content });
      this.#stories.set(entry, { place, began: this.#now(), forfeited: false, history: [] });
    }
  }

  /** The server answered 202. */
  accept(message: Identity): void {
    const name = nameOf(message);
    this.#accepted.add(name);
    for (const place of this.#places.get(name) ?? []) {
      this.#note(message, place, "answered");
      this.#ledger.accept(entryNameOf(message, place));
    }
  }

  /** An answer of `sync`, whole. `reached`: its client has it, and did not throw it away. */
  handed(place: string, client: string, { receipt, messages }: Batch, reached = true): void {
    for (const message of messages) {
      const story = this.#check(message, place);
      this.#note(message, place, `${client}: ${reached ? "handed" : "LOST"}, ${flagOf(message)}, receipt ${receipt}`);
      this.#ledger.handOut({ name: entryNameOf(message, place), redelivered: message.redelivered });
      if (story && !reached) story.forfeited = true;
    }
    const names = messages.map(nameOf);
    this.check(isInOrder(names), `a batch out of order at ${client}: ${names}`);
    const before = this.#batches.get(receipt);
    if (messages.length === 0) return;
    // A batch that comes once more under the same receipt is the same batch.
    this.check((before ?? names.join()) === names.join(), `two batches with the receipt ${receipt}, at ${client}`);
    this.#batches.set(receipt, names.join());
  }

  /** A client has stored it, for good. */
  keep(message: Message, place: string, client: string): void {
    this.#check(message, place);
    this.#note(message, place, `${client}: kept, ${flagOf(message)}`);
    this.#ledger.deliver({
      name: entryNameOf(message, place),
      content: message.content,
      redelivered: message.redelivered,
    });
  }

  /** Nobody heard the answer to a sync without `ack`: what it took, up to `limit` messages, is given up. */
  unheard(place: string, limit: number): void {
    this.#unheard.push({ place, limit, ended: this.#now() });
  }

  check(holds: boolean, otherwise: string): void {
    if (!holds) this.#violations.push(otherwise);
  }

  /** What does not hold, each with the history of its message. To be called when every channel is drained. */
  verdict(): string[] {
    const missing: Chapter[] = [];
    for (const chapter of this.#all()) {
      const { entry, story } = chapter;
      const complain = (what: string): void => void this.#violations.push(`${what}: ${describe(chapter)}`);
      if (entry.handedOutAsNew > 1) complain("handed out as new more than once");
      if (asNew(entry) > 1) complain("kept twice, unflagged");
      if (story.forfeited) continue;
      if (entry.handedOutAsNew > 0 && !isKept(entry)) complain("reached a client, and was not kept");
      if (isLost(entry)) missing.push(chapter);
    }
    const excused = capacityIn(this.#unheard);
    const inOrder = missing.toSorted((one, other) => other.story.began - one.story.began);
    for (const chapter of inOrder) {
      const { place, began } = chapter.story;
      if (!excused(place, began)) this.#violations.push(`lost: ${describe(chapter)}`);
    }
    return this.#violations;
  }

  totals(): Totals {
    const all = this.#all();
    const count = (of: (entry: Entry, story: Story) => boolean): number =>
      all.filter(({ entry, story }) => of(entry, story)).length;
    return {
      messages: this.begun,
      "messages by device": all.length,
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

  #all(): Chapter[] {
    return this.#ledger.entries.map((entry) => {
      const story = this.#stories.get(entry.name);
      if (story === undefined) throw new Error(`there is no story of ${entry.name}`);
      return { entry, story };
    });
  }

  #check(message: Message, place: string): Story | undefined {
    const name = nameOf(message);
    const entry = this.#ledger.entryOf(entryNameOf(message, place));
    const story = this.#stories.get(entryNameOf(message, place));
    this.check(this.#places.has(name), `never sent: ${name}`);
    this.check(!this.#places.has(name) || entry !== undefined, `at the wrong receiver: ${name} at ${place}`);
    this.check(entry === undefined || entry.content === message.content, `another content: ${name}`);
    return story;
  }

  #note(message: Identity, place: string, what: string): void {
    this.#stories.get(entryNameOf(message, place))?.history.push(`${Math.round(this.#now())} ms ${what}`);
  }

  #now(): number {
    return performance.now() - this.#started;
  }
}

/** Of one message at one place. In the order of the messages there. */
const entryNameOf = (message: Identity, place: string): string => `${nameOf(message)} at ${place}`;

const flagged = ({ deliveries }: Entry): number => deliveries.filter((flag) => flag).length;

const asNew = (entry: Entry): number => entry.deliveries.length - flagged(entry);

const isKept = ({ deliveries }: Entry): boolean => deliveries.length > 0;

const flagOf = ({ redelivered }: Message): string => (redelivered ? "redelivered" : "new");

const describe = ({ entry: { name, accepted }, story: { place, began, history } }: Chapter): string =>
  [`${name} to ${place}, sent at ${Math.round(began)} ms, ${accepted ? "" : "not "}answered`, ...history].join(
    "\n    ",
  );
