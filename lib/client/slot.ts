import { type FoldedMessage, type Mark, quotedIn, type Waiting } from "./folded.ts";
import { counting, mayCount, nameOf, withMark } from "./marks.ts";

/** All that there is under one `messageId`: nearly always one message, or what waits for it. */
export class Slot {
  readonly #messageId: string;
  readonly #ownId: string;
  readonly #before: ReadonlySet<FoldedMessage>;
  readonly #marksBefore: Waiting["marks"];
  #messages: FoldedMessage[];
  /** What waits. */
  #marks: Waiting["marks"];

  constructor(messageId: string, ownId: string, messages: readonly FoldedMessage[], waiting: Waiting | undefined) {
    this.#messageId = messageId;
    this.#ownId = ownId;
    this.#before = new Set(messages);
    this.#marksBefore = waiting?.marks ?? {};
    this.#messages = [...messages];
    this.#marks = this.#marksBefore;
  }

  /** The records that are new or have changed. */
  get changed(): { readonly messages: readonly FoldedMessage[]; readonly waiting: readonly Waiting[] } {
    const names = Object.keys(this.#marks);
    const isOther = names.length !== Object.keys(this.#marksBefore).length;
    const hasChanged = isOther || names.some((name) => this.#marks[name] !== this.#marksBefore[name]);
    return {
      messages: this.#messages.filter((message) => !this.#before.has(message)),
      waiting: hasChanged ? [{ messageId: this.#messageId, marks: this.#marks }] : [],
    };
  }

  /** Adds a message, unless it is there, with all that has waited for it. */
  add(message: FoldedMessage): void {
    if (this.#messages.some(({ id }) => id === message.id)) return;
    const rival = quotedIn(this.#messages, message);
    this.#messages.push(message);
    if (rival !== undefined && quotedIn(this.#messages, message) === message) this.#moveReactions(rival, message);
    const waiting = Object.values(this.#marks);
    this.#marks = {};
    for (const mark of waiting) this.mark(mark);
  }

  /** Says something about a message here. It waits if there is none that it counts for. */
  mark(mark: Mark): void {
    const target = this.#targetOf(mark);
    if (target === undefined) this.#keep(mark);
    else this.#replace(target, withMark(target, mark));
  }

  #keep(mark: Mark): void {
    const name = nameOf(mark);
    const before = this.#marks[name];
    this.#marks = { ...this.#marks, [name]: before === undefined ? mark : counting(before, mark) };
  }

  #targetOf(mark: Mark): FoldedMessage | undefined {
    const about = { messageId: this.#messageId, conversationId: mark.conversationId };
    const messages = mark.kind === "reaction" ? [quotedIn(this.#messages, about)] : this.#messages;
    return messages.find((message) => message !== undefined && mayCount(mark, message, this.#ownId));
  }

  #moveReactions(from: FoldedMessage, to: FoldedMessage): void {
    const { reactions, ...rest } = from;
    if (reactions === undefined) return;
    this.#replace(from, rest);
    this.#replace(to, { ...to, reactions });
  }

  #replace(before: FoldedMessage, after: FoldedMessage): void {
    this.#messages = this.#messages.map((message) => (message === before ? after : message));
  }
}
