import type { QueuedMessage, Stored } from "../storage/records.ts";
import type { ConnectionState } from "./connection.ts";

/** What the tabs of one user tell each other. */
export type TabEvent =
  /** Messages came into the history. */
  | ({ readonly type: "stored" } & Stored)
  /** The outbox has something to send: this message, or who knows what. */
  | { readonly type: "queued"; readonly message?: QueuedMessage }
  /** The outbox or the conversations have changed, and there is nothing to do. */
  | { readonly type: "changed" }
  | { readonly type: "draft"; readonly peerId: string; readonly text: string }
  | { readonly type: "connection"; readonly state: ConnectionState }
  /** The leader could not store what came; undefined: now it can. */
  | { readonly type: "storage"; readonly problem: string | undefined }
  /** A new tab wants to know how things are. */
  | { readonly type: "hello" }
  /** The server is to be asked now. */
  | { readonly type: "sync" }
  /** A visible tab wants to lead in place of a hidden one, whose timers the browser slows down. */
  | { readonly type: "claim" }
  /** The leading tab is hidden, and asks whether a visible one wants to lead. */
  | { readonly type: "offer" };

/** `isOwn`: this tab has told it, at the very moment; others may have gone on since they did. */
type Listener = (event: TabEvent, isOwn: boolean) => void;

/** All tabs of one user, this one included. */
export class Tabs {
  readonly #channel: BroadcastChannel;
  readonly #listeners = new Set<Listener>();
  #isClosed = false;

  constructor(userId: string) {
    this.#channel = new BroadcastChannel(`gotalk-${userId}`);
    this.#channel.onmessage = ({ data }: MessageEvent<TabEvent>) => this.#tell(data, false);
  }

  /** @returns what ends it */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells every tab, and this one first. */
  emit(event: TabEvent): void {
    this.#tell(event, true);
    this.post(event);
  }

  /** Tells the other tabs only. */
  post(event: TabEvent): void {
    // Work that was going on when the page was left may still have something to say.
    if (this.#isClosed) return;
    this.#channel.postMessage(event);
  }

  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#channel.close();
  }

  #tell(event: TabEvent, isOwn: boolean): void {
    for (const listener of this.#listeners) listener(event, isOwn);
  }
}
