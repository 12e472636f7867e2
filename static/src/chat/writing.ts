import type { ReadonlySignal } from "@preact/signals";
import type { Client, OwnChange, User } from "../../../lib/client/index.ts";
import { type DraftStart, editDraft, replyDraft } from "../storage/drafts.ts";
import { quotedBy } from "../storage/history.ts";
import { discard, enqueue, outgoingFrom, requeue, type Written } from "../storage/outbox.ts";
import { storeOwnChanges } from "../storage/own-changes.ts";
import { isChange, type QueuedMessage, type StoredMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import type { DraftKeeper } from "./draftKeeper.ts";
import type { Reading } from "./reading.ts";
import { isWord, replacedId, type WordType } from "./replaced.ts";
import type { Tabs } from "./tabs.ts";

/** What a {@link Writing} needs. */
interface WritingHost {
  readonly database: Database;
  readonly client: Pick<Client, "newMessageId">;
  readonly tabs: Tabs;
  readonly drafts: DraftKeeper;
  readonly reading: Pick<Reading, "timeline" | "toEnd">;
  /** What is not sent yet. */
  readonly outbox: ReadonlySignal<readonly QueuedMessage[]>;
  readonly user: User;
}

/** How a message comes into the outbox. */
interface Putting {
  /** Its id sorts after this one. */
  readonly after?: string | undefined;
  /** It is this part of the draft. */
  readonly start?: DraftStart;
}

/** What the person writes, as it goes into the outbox: texts, what they say about messages, and what they do with conversations. */
export class Writing {
  readonly #host: WritingHost;

  constructor(host: WritingHost) {
    this.#host = host;
  }

  /**
   * Stores a message to be sent, in place of its draft.
   *
   * @param about The `messageId` of the message that it replies to.
   * @throws DOMException when it cannot be stored
   */
  async send(peerId: string, content: string, about?: string): Promise<void> {
    const { reading } = this.#host;
    const written = { peerId, content, type: "text", ...(about !== undefined && { about }) };
    await this.#enqueue(written, [peerId, replyDraft(peerId)]);
    await reading.toEnd(peerId);
  }

  /** Stores a first message, which takes its text out of the beginning of a draft. */
  sendFirst(peerId: string, content: string, draftOf: string, start: DraftStart): Promise<void> {
    return this.#put({ peerId, content, type: "text" }, [draftOf], { start });
  }

  /** Edits a message, deletes it for everyone, or reacts to it. @throws DOMException when it cannot be stored */
  say(type: WordType, message: StoredMessage, content: string): Promise<void> {
    const { reading, outbox, user } = this.#host;
    const { messageId, conversationId } = message;
    // A dialog may show the message as it was when it was opened.
    const shown = reading.timeline.value?.messages.value?.find(({ id }) => id === message.id) ?? message;
    const after = replacedId(type, shown, outbox.value, user.id);
    const draftsOf = type === "edit" ? [editDraft(conversationId)] : [];
    return this.#enqueue({ peerId: conversationId, type, about: messageId, content }, draftsOf, after);
  }

  /**
   * Changes what the person's devices agree on, by the ids of conversations: here at once, and on the others by one quiet
   * message. What is so already is not told.
   *
   * @throws DOMException when it cannot be stored
   */
  async tellOwn(changes: Readonly<Record<string, OwnChange>>): Promise<void> {
    const { database, client, tabs, user } = this.#host;
    const newId = (after?: string) => client.newMessageId(after);
    const [stored, queued] = await storeOwnChanges(database, user, changes, newId);
    if (isChange(stored)) tabs.emit({ type: "stored", ...stored });
    for (const message of queued) tabs.emit({ type: "queued", message });
  }

  /** Tries messages again that were not sent. */
  async retry(messages: readonly QueuedMessage[]): Promise<void> {
    const { database, client, tabs } = this.#host;
    const replaced = new Map<number, string | undefined>();
    for (const message of messages) replaced.set(message.sequence, await this.#replacedBy(message));
    await requeue(database, messages, ({ sequence }) => client.newMessageId(replaced.get(sequence)));
    tabs.emit({ type: "queued" });
  }

  /** Deletes a message that was not sent. */
  async discard(message: QueuedMessage): Promise<void> {
    const { database, tabs } = this.#host;
    await discard(database, message);
    tabs.emit({ type: "queued" });
  }

  /** The id of what a message replaces that is sent as a new one: of what was said since, too. */
  async #replacedBy({ type, about, peerId, sequence }: QueuedMessage): Promise<string | undefined> {
    const { database, outbox, user } = this.#host;
    if (!isWord(type)) return undefined;
    const message = await quotedBy(database, { about, conversationId: peerId });
    const others = outbox.value.filter((one) => one.sequence !== sequence);
    return message && replacedId(type, message, others, user.id);
  }

  /** @param after The id of what the message replaces, see {@link replacedId}. */
  async #enqueue(written: Written, draftsOf: readonly string[], after?: string): Promise<void> {
    await this.#put(written, draftsOf, { after });
    this.#host.drafts.sent(draftsOf);
  }

  async #put(written: Written, draftsOf: readonly string[], { after, start }: Putting): Promise<void> {
    const { database, client, tabs, drafts } = this.#host;
    const message = outgoingFrom({ ...written, messageId: client.newMessageId(after) });
    const stored = enqueue(database, message, draftsOf, start);
    tabs.emit({ type: "queued", message: await drafts.leave({ message, draftsOf, start }, stored) });
  }
}
