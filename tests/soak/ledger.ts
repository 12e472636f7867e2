import type { Batch, Message } from "../../lib/client/index.ts";
import { capacityIn, type UnheardSync } from "./forfeits.ts";

/** What names a message: two senders may use the same `messageId`. */
export type Identity = Pick<Message, "senderId" | "messageId">;

/** A message, and what happened to it. */
interface Entry {
  readonly receiverId: string;
  readonly content: string;
  /** When its first attempt began, in milliseconds since the start. */
  readonly began: number;
  answered: boolean;
  /** How often the server handed it out as new. */
  firstHands: number;
  /** How often a client kept it: as new, and flagged. */
  kept: number;
  keptFlagged: number;
  /** It was in an answer that is known to have been thrown away; such a message may be missing. */
  forfeited: boolean;
  readonly history: string[];
}

/** What the run came to, in counts. */
export type Totals = Readonly<Record<string, number>>;

const keyOf = ({ senderId, messageId }: Identity): string => `${senderId}/${messageId}`;
const orderOf = ({ senderId, messageId }: Identity): string => `${messageId}#${senderId}`;

/** What senders were told, and what receivers got, of every single message. */
export class SoakLedger {
  readonly #entries = new Map<string, Entry>();
  readonly #batches = new Map<string, string>();
  readonly #unheard: UnheardSync[] = [];
  readonly #violations: string[] = [];
  readonly #started = performance.now();
  #answered = 0;
  #kept = 0;

  /** Messages that the server has answered for. */
  get answered(): number {
    return this.#answered;
  }

  /** Messages of which sending began. */
  get begun(): number {
    return this.#entries.size;
  }

  /** Messages that clients have kept. */
  get kept(): number {
    return this.#kept;
  }

  /** To be called before the first attempt. */
  begin(message: Identity, receiverId: string, content: string): void {
    const entry: Entry = {
      receiverId,
      content,
      began: this.#now(),
      answered: false,
      firstHands: 0,
      kept: 0,
      keptFlagged: 0,
      forfeited: false,
      history: [],
    };
    this.#entries.set(keyOf(message), entry);
  }

  /** The server answered 202. */
  told(message: Identity): void {
    const entry = this.#entries.get(keyOf(message));
    this.#note(message, "answered");
    if (entry === undefined || entry.answered) return;
    entry.answered = true;
    this.#answered++;
  }

  /** An answer of `sync`, whole. `reached`: its client has it, and did not throw it away. */
  handed(receiverId: string, device: string, { receipt, messages }: Batch, reached = true): void {
    for (const message of messages) {
      const entry = this.#check(message, receiverId);
      this.#note(message, `${device}: ${reached ? "handed" : "LOST"}, ${flagOf(message)}, receipt ${receipt}`);
      if (entry && !message.redelivered) entry.firstHands++;
      if (entry && !reached) entry.forfeited = true;
    }
    const order = messages.map(orderOf);
    this.check(order.join() === order.toSorted().join(), `a batch out of order at ${device}: ${order}`);
    const before = this.#batches.get(receipt);
    if (messages.length === 0) return;
    // A batch that comes once more under the same receipt is the same batch.
    this.check((before ?? order.join()) === order.join(), `two batches with the receipt ${receipt}, at ${device}`);
    this.#batches.set(receipt, order.join());
  }

  /** A client has stored it, for good. */
  keep(message: Message, receiverId: string, device: string): void {
    const entry = this.#check(message, receiverId);
    this.#note(message, `${device}: kept, ${flagOf(message)}`);
    this.#kept++;
    if (entry && message.redelivered) entry.keptFlagged++;
    else if (entry) entry.kept++;
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
    const missing: Entry[] = [];
    for (const [key, entry] of this.#entries) {
      const complain = (what: string): void => void this.#violations.push(`${what}: ${describe(key, entry)}`);
      if (entry.firstHands > 1) complain("handed out as new more than once");
      if (entry.kept > 1) complain("kept twice, unflagged");
      const arrived = entry.kept + entry.keptFlagged > 0;
      if (entry.firstHands > 0 && !arrived && !entry.forfeited) complain("reached a client, and was not kept");
      if (!arrived && entry.answered && !entry.forfeited) missing.push(entry);
    }
    const excused = capacityIn(this.#unheard);
    const inOrder = missing.toSorted((one, other) => other.began - one.began);
    for (const entry of inOrder.filter(({ receiverId, began }) => !excused(receiverId, began))) {
      const [key] = [...this.#entries].find(([, other]) => other === entry) ?? [""];
      this.#violations.push(`lost: ${describe(key, entry)}`);
    }
    return this.#violations;
  }

  totals(): Totals {
    const all = [...this.#entries.values()];
    const count = (of: (entry: Entry) => boolean): number => all.filter(of).length;
    const arrived = ({ kept, keptFlagged }: Entry): boolean => kept + keptFlagged > 0;
    return {
      messages: all.length,
      answered: this.#answered,
      "kept once, as new": count(({ kept, keptFlagged }) => kept === 1 && keptFlagged === 0),
      "kept once, flagged": count(({ kept, keptFlagged }) => kept === 0 && keptFlagged === 1),
      "kept again, flagged": count(({ kept, keptFlagged }) => keptFlagged > 0 && kept + keptFlagged > 1),
      "never answered, kept": count((entry) => !entry.answered && arrived(entry)),
      "never answered, never kept": count((entry) => !entry.answered && !arrived(entry)),
      "answers thrown away: messages": count((entry) => entry.forfeited),
      "syncs without ack, unheard": this.#unheard.length,
      "given up with these": count((entry) => entry.answered && !arrived(entry) && !entry.forfeited),
    };
  }

  #check(message: Message, receiverId: string): Entry | undefined {
    const entry = this.#entries.get(keyOf(message));
    const what = keyOf(message);
    this.check(entry !== undefined, `never sent: ${what}`);
    this.check(entry === undefined || entry.receiverId === receiverId, `at the wrong receiver: ${what}`);
    this.check(entry === undefined || entry.content === message.content, `another content: ${what}`);
    return entry;
  }

  #note(message: Identity, what: string): void {
    this.#entries.get(keyOf(message))?.history.push(`${Math.round(this.#now())} ms ${what}`);
  }

  #now(): number {
    return performance.now() - this.#started;
  }
}

const flagOf = ({ redelivered }: Message): string => (redelivered ? "redelivered" : "new");

const describe = (key: string, { receiverId, began, answered, history }: Entry): string =>
  [`${key} to ${receiverId}, sent at ${Math.round(began)} ms, ${answered ? "" : "not "}answered`, ...history].join(
    "\n    ",
  );
