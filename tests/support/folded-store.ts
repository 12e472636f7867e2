import {
  concernedBy,
  type FoldedConversation,
  type FoldedMessage,
  fold,
  type Message,
  type Waiting,
} from "../../lib/client/index.ts";
import { ME } from "./messages.ts";

/** A store of folded records, as a page keeps them: a fold is handed the records that it has asked for, and no other ones. */
export class FoldedStore {
  readonly messages = new Map<string, FoldedMessage>();
  readonly waiting = new Map<string, Waiting>();
  readonly conversations = new Map<string, FoldedConversation>();
  /** How many records were read and written by the last batch. */
  read = 0;
  written = 0;
  readonly #ownId: string;

  constructor(ownId = ME) {
    this.#ownId = ownId;
  }

  fold(batch: readonly Message[]): this {
    const concerned = concernedBy(batch, this.#ownId);
    const ids = new Set(concerned.messageIds);
    const known = {
      messages: [...this.messages.values()].filter(({ messageId }) => ids.has(messageId)),
      waiting: concerned.messageIds.flatMap((id) => this.waiting.get(id) ?? []),
      conversations: concerned.conversationIds.flatMap((id) => this.conversations.get(id) ?? []),
    };
    // A store keeps copies: what is changed in place is not changed there.
    const changed = structuredClone(fold(structuredClone(known), structuredClone(batch), this.#ownId));
    for (const message of changed.messages) this.messages.set(message.id, message);
    for (const conversation of changed.conversations) this.conversations.set(conversation.id, conversation);
    for (const record of changed.waiting) {
      if (Object.keys(record.marks).length === 0) this.waiting.delete(record.messageId);
      else this.waiting.set(record.messageId, record);
    }
    this.read = known.messages.length + known.waiting.length + known.conversations.length;
    this.written = changed.messages.length + changed.waiting.length + changed.conversations.length;
    return this;
  }

  /** Everything that is stored, by its keys. */
  get all() {
    return {
      messages: Object.fromEntries(this.messages),
      waiting: Object.fromEntries(this.waiting),
      conversations: Object.fromEntries(this.conversations),
    };
  }
}
