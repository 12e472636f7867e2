import {
  type Concerned,
  concernedBy,
  concernedByFolded,
  type FoldedConversation,
  type FoldedMessage,
  fold,
  type Message,
  merge,
  type Records,
  saidIn,
  type Waiting,
} from "../../lib/client/index.ts";
import { ME } from "./messages.ts";

/** A store of folded records, as a page keeps them: a change is handed the records that it has asked for, and no other ones. */
export class FoldedStore {
  readonly messages = new Map<string, FoldedMessage>();
  readonly waiting = new Map<string, Waiting>();
  readonly conversations = new Map<string, FoldedConversation>();
  /** How many records were read and written by the last change. */
  read = 0;
  written = 0;
  readonly #ownId: string;

  constructor(ownId = ME) {
    this.#ownId = ownId;
  }

  fold(batch: readonly Message[]): this {
    return this.#change(concernedBy(batch, this.#ownId), (known) => fold(known, structuredClone(batch), this.#ownId));
  }

  /** Merges what another device has folded. */
  merge(other: FoldedStore): this {
    const messages = [...other.messages.values()];
    const said = [...other.waiting.values()].flatMap(saidIn);
    return this.#change(concernedByFolded(messages, said), (known) =>
      merge(known, structuredClone(messages), structuredClone(said), this.#ownId),
    );
  }

  #change({ messageIds, conversationIds }: Concerned, changing: (known: Records) => Records): this {
    const ids = new Set(messageIds);
    const known = {
      messages: [...this.messages.values()].filter(({ messageId }) => ids.has(messageId)),
      waiting: messageIds.flatMap((id) => this.waiting.get(id) ?? []),
      conversations: conversationIds.flatMap((id) => this.conversations.get(id) ?? []),
    };
    // A store keeps copies: what is changed in place is not changed there.
    const changed = structuredClone(changing(structuredClone(known)));
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
