import { type Signal, signal } from "@preact/signals";
import { allDrafts, draftFor, moveDraft, saveDraft, withoutStart } from "../storage/drafts.ts";
import { enqueueAgain } from "../storage/outbox.ts";
import type { Database } from "../storage/schema.ts";
import { type Leaving, Unstored } from "../storage/unstored.ts";
import { inBackground } from "./background.ts";
import type { FirstMessages } from "./firstMessages.ts";
import type { Tabs } from "./tabs.ts";

/** The draft of a message whose receiver is still being typed. */
export const NOBODY_YET = "";

/** The draft of the receiver's name. */
export const TO = "to";

/** What a {@link DraftKeeper} needs. */
interface DraftHost {
  readonly database: Database;
  readonly tabs: Tabs;
  readonly ownId: string;
  readonly firstMessages: FirstMessages;
  readonly life: AbortSignal;
}

/** The drafts of one user, one for each receiver, in this tab and the others. */
export class DraftKeeper {
  readonly #host: DraftHost;
  readonly #unstored: Unstored;
  /** Settles when what a reload kept from being stored is stored. */
  readonly #recovered: Promise<unknown>;
  /** The texts, by receiver, for all that show them. */
  readonly #texts = new Map<string, Signal<string>>();
  /** The receivers whose drafts have changed since this tab began. */
  readonly #changed = new Set<string>();

  constructor(host: DraftHost) {
    this.#host = host;
    inBackground(this.#loadTexts());
    host.tabs.listen((event) => {
      if (event.type === "draft") this.#show(event.peerId, event.text);
    });
    this.#unstored = new Unstored(host.ownId, host.life);
    const { leaving, drafts } = this.#unstored.recover();
    // All of them begin now, in this order: what the person writes from now on comes after them.
    const sent = leaving.map((one) => this.#leaveAgain(one));
    this.#recovered = Promise.allSettled([...sent, ...drafts.map(([peerId, text]) => this.store(text, peerId))]);
  }

  /** The draft to a receiver as it is now. */
  textOf(peerId: string): Signal<string> {
    const known = this.#texts.get(peerId) ?? signal("");
    this.#texts.set(peerId, known);
    return known;
  }

  /** The text for a box that has just appeared. */
  async load(peerId = NOBODY_YET): Promise<string> {
    const { database, firstMessages } = this.#host;
    await this.#recovered;
    const start = peerId === NOBODY_YET ? firstMessages.draftStart : "";
    const rest = withoutStart(await draftFor(database, peerId), start);
    return peerId === NOBODY_YET ? this.removeFailed() + rest : rest;
  }

  /** Stores the text of a box, and shows it in the other tabs. @throws DOMException when it cannot be stored */
  async save(text: string, peerId = NOBODY_YET): Promise<void> {
    await this.store(text, peerId);
    this.#tell(peerId, this.#whole(text, peerId));
  }

  /** Stores the text of a box. The other tabs do not show it: their box may just have sent a message. */
  async store(text: string, peerId = NOBODY_YET): Promise<void> {
    const whole = this.#whole(text, peerId);
    this.#show(peerId, whole);
    await this.#unstored.during(peerId, whole, saveDraft(this.#host.database, peerId, whole));
  }

  /** Keeps a message until `stored` has put it into the outbox, in place of its drafts. */
  leave<T>(leaving: Leaving, stored: Promise<T>): Promise<T> {
    return this.#unstored.duringLeave(leaving, stored);
  }

  /** A message has taken the place of these drafts. */
  sent(drafts: readonly string[]): void {
    for (const peerId of drafts) this.#tell(peerId, "");
  }

  /**
   * Moves what was typed without a receiver to its receiver. The texts of first messages stay. If this fails, the draft
   * stays where it was.
   */
  async moveTo(peerId: string): Promise<void> {
    const { database, firstMessages } = this.#host;
    const start = firstMessages.draftStart;
    try {
      const text = await moveDraft(database, NOBODY_YET, peerId, start);
      if (peerId !== NOBODY_YET) this.#tell(peerId, text);
      this.#tell(NOBODY_YET, peerId === NOBODY_YET ? text : start);
    } catch {
      // A first message is on its way all the same.
    }
  }

  /** The draft to a receiver is deleted. */
  clear(peerId: string): void {
    this.#show(peerId, "");
  }

  /** The text of first messages that could not be sent. The box that asks for it first shows it. */
  removeFailed(): string {
    return this.#host.firstMessages.removeFailed();
  }

  /** Calls back when another tab has changed a draft. @returns a function that ends this */
  onChange(peerId: string, listener: (text: string) => void): () => void {
    return this.#host.tabs.listen((event) => {
      if (event.type === "draft" && event.peerId === peerId) listener(event.text);
    });
  }

  async #leaveAgain(leaving: Leaving): Promise<void> {
    const { database, ownId, tabs } = this.#host;
    try {
      const message = await this.#unstored.duringLeave(leaving, enqueueAgain(database, ownId, leaving));
      if (message !== undefined) tabs.emit({ type: "queued", message });
    } catch {
      const { peerId, content } = leaving.message;
      // It goes back into its box. If that cannot be stored either, it is kept for the next reload.
      if (leaving.draftsOf.length > 0 && leaving.message.type === "text")
        await this.store(content + this.textOf(peerId).value, peerId);
    }
  }

  async #loadTexts(): Promise<void> {
    for (const { peerId, text } of await allDrafts(this.#host.database)) {
      if (!this.#changed.has(peerId)) this.textOf(peerId).value = text;
    }
  }

  #show(peerId: string, text: string): void {
    this.#changed.add(peerId);
    this.textOf(peerId).value = text;
  }

  #tell(peerId: string, text: string): void {
    this.#show(peerId, text);
    this.#host.tabs.post({ type: "draft", peerId, text });
  }

  /** What is stored for the text of a box. */
  #whole(text: string, peerId: string): string {
    return peerId === NOBODY_YET ? this.#host.firstMessages.draftStart + text : text;
  }
}
