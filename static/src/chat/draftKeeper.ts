import { draftFor, moveDraft, saveDraft, withoutStart } from "../storage/drafts.ts";
import type { Database } from "../storage/schema.ts";
import { UnstoredDrafts } from "../storage/unstored.ts";
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
  readonly #unstored: UnstoredDrafts;
  /** Settles when the drafts that a reload kept from being stored are stored. */
  readonly #recovered: Promise<unknown>;

  constructor(host: DraftHost) {
    this.#host = host;
    this.#unstored = new UnstoredDrafts(host.ownId, host.life);
    this.#recovered = Promise.allSettled(this.#unstored.recover().map(([peerId, text]) => this.store(text, peerId)));
  }

  /** The text for a box that has just appeared. */
  async load(peerId = NOBODY_YET): Promise<string> {
    const { database, firstMessages } = this.#host;
    await this.#recovered;
    const start = peerId === NOBODY_YET ? firstMessages.draftStart : "";
    const rest = withoutStart(await draftFor(database, peerId), start);
    return peerId === NOBODY_YET ? this.takeFailed() + rest : rest;
  }

  /** Stores the text of a box, and shows it in the other tabs. @throws DOMException when it cannot be stored */
  async save(text: string, peerId = NOBODY_YET): Promise<void> {
    await this.store(text, peerId);
    this.#tell(peerId, this.#whole(text, peerId));
  }

  /** Stores the text of a box. The other tabs do not show it: their box may just have sent a message. */
  async store(text: string, peerId = NOBODY_YET): Promise<void> {
    const whole = this.#whole(text, peerId);
    await this.#unstored.during(peerId, whole, saveDraft(this.#host.database, peerId, whole));
  }

  /** Keeps a text until `stored` has made it a message in place of the draft. */
  async replace(peerId: string, text: string, stored: Promise<void>): Promise<void> {
    await this.#unstored.during(peerId, text, stored);
    this.#tell(peerId, "");
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

  /** The text of first messages that could not be sent. The box that asks for it first shows it. */
  takeFailed(): string {
    return this.#host.firstMessages.takeFailed();
  }

  /** Calls back when another tab has changed a draft. @returns a function that ends this */
  onChange(peerId: string, listener: (text: string) => void): () => void {
    return this.#host.tabs.listen((event) => {
      if (event.type === "draft" && event.peerId === peerId) listener(event.text);
    });
  }

  #tell(peerId: string, text: string): void {
    this.#host.tabs.post({ type: "draft", peerId, text });
  }

  /** What is stored for the text of a box. */
  #whole(text: string, peerId: string): string {
    return peerId === NOBODY_YET ? this.#host.firstMessages.draftStart + text : text;
  }
}
