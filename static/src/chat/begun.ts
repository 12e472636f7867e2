import { batch } from "@preact/signals";
import { editDraft, replyDraft } from "../storage/drafts.ts";
import { shownMessage } from "../storage/history.ts";
import type { QueuedMessage, StoredMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { inBackground } from "./background.ts";
import type { DraftKeeper } from "./draftKeeper.ts";
import type { Tabs } from "./tabs.ts";
import type { Timeline } from "./timeline.ts";

/** What a {@link Begun} needs. */
interface BegunHost {
  readonly database: Database;
  readonly tabs: Tabs;
  readonly drafts: DraftKeeper;
  /** The conversation that is open. */
  timeline(): Timeline | undefined;
}

/** The reply and the edit that were begun in a conversation. They outlast a reload, and end in all tabs when they are sent. */
export class Begun {
  readonly #host: BegunHost;

  constructor(host: BegunHost) {
    this.#host = host;
    host.tabs.listen((event, isOwn) => {
      if (event.type === "draft") inBackground(this.#followReply(event.peerId, event.text));
      if (event.type === "queued" && !isOwn) this.#followEdit(event.message);
    });
  }

  /** Replies to a message, from the next one on that is written to its conversation; undefined: to none. */
  reply(timeline: Timeline, message: StoredMessage | undefined): void {
    timeline.replyTo.value = message;
    // If it cannot be stored, it lasts as long as the tab.
    void this.#host.drafts.save(message?.id ?? "", replyDraft(timeline.peerId)).catch(() => undefined);
  }

  /** Begins to give a message a new text, or ends it. */
  edit(timeline: Timeline, message: StoredMessage | undefined): void {
    timeline.editing.value = message && { message, text: message.content };
    void this.#store(timeline).catch(() => undefined);
  }

  /** Deletes the stored edit, which is about to end, so that a reload does not bring it back. */
  deleteEdit({ peerId }: Timeline): void {
    void this.#host.drafts.store("", editDraft(peerId)).catch(() => undefined);
  }

  /** Stores the new text of a message so far. @throws DOMException when it cannot be stored */
  keepEdit(timeline: Timeline, message: StoredMessage, text: string): Promise<void> {
    timeline.editing.value = { ...timeline.editing.value, message, text, isTyped: true };
    return this.#store(timeline);
  }

  /** Messages of the conversation have changed. What was deleted is not replied to, and its edit is not sent. */
  follow(timeline: Timeline, changed: readonly StoredMessage[]): void {
    const { replyTo, editing } = timeline;
    const target = changed.find(({ id }) => id === replyTo.value?.id);
    if (target?.deletedHere) this.reply(timeline, undefined);
    else if (target !== undefined) replyTo.value = target;
    const edited = changed.find(({ id }) => id === editing.value?.message.id);
    const isDeleted = edited?.deletedHere === true || edited?.deleted !== undefined;
    // The text stays as it is: the person may want to copy it.
    if (edited !== undefined && editing.value !== undefined)
      editing.value = { ...editing.value, message: edited, isDeleted };
  }

  /** Goes on with what was begun in a conversation before. */
  async goOn(timeline: Timeline): Promise<void> {
    const { database } = this.#host;
    const [reply, edit] = await this.#stored(timeline);
    if (reply === "" && edit === "") return;
    const end = edit.indexOf("\n");
    const [answered, edited] = await Promise.all([
      shownMessage(database, reply),
      shownMessage(database, edit.slice(0, Math.max(0, end))),
    ]);
    // Another tab may have sent it meanwhile.
    const [replyNow, editNow] = await this.#stored(timeline);
    batch(() => {
      if (replyNow === reply) timeline.replyTo.value ??= answered;
      const isEdited = editNow === edit && edited !== undefined && edited.deleted === undefined;
      if (isEdited) timeline.editing.value ??= { message: edited, text: edit.slice(end + 1) };
    });
  }

  #stored({ peerId }: Timeline): Promise<[reply: string, edit: string]> {
    const { drafts } = this.#host;
    return Promise.all([drafts.load(replyDraft(peerId)), drafts.load(editDraft(peerId))]);
  }

  #store({ peerId, editing: { value } }: Timeline): Promise<void> {
    const { drafts } = this.#host;
    return drafts.store(value === undefined ? "" : `${value.message.id}\n${value.text}`, editDraft(peerId));
  }

  /** Another tab has begun a reply, or has ended or sent it. */
  async #followReply(draft: string, id: string): Promise<void> {
    const { database, drafts } = this.#host;
    const timeline = this.#host.timeline();
    if (timeline === undefined || draft !== replyDraft(timeline.peerId)) return;
    const message = id === "" ? undefined : await shownMessage(database, id);
    // It may have changed again meanwhile.
    if (drafts.textOf(draft).value === id) timeline.replyTo.value = message;
  }

  /** Another tab has given a message a new text. */
  #followEdit({ type, peerId, about }: Partial<QueuedMessage> = {}): void {
    const timeline = this.#host.timeline();
    const editing = timeline?.editing.value;
    if (timeline === undefined || editing === undefined) return;
    if (type !== "edit" || peerId !== timeline.peerId || about !== editing.message.messageId) return;
    // A text that was typed here is kept. The other tab has removed it from the storage.
    if (editing.isTyped) inBackground(this.#store(timeline));
    else timeline.editing.value = undefined;
  }
}
