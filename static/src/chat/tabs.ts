import type { StoredMessage } from "../storage/records.ts";
import type { ConnectionState } from "./connection.ts";

/** What the tabs of one user tell each other. */
export type TabEvent =
  /** Messages came into the history; the outbox and the conversations may have changed with them. */
  | { readonly type: "stored"; readonly messages: readonly StoredMessage[] }
  /** The outbox has something to send. */
  | { readonly type: "queued" }
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
  | { readonly type: "claim" };

/** All tabs of one user, this one included. */
export class Tabs {
  readonly #channel: BroadcastChannel;
  readonly #listeners = new Set<(event: TabEvent) => void>();
  #isClosed = false;

  constructor(userId: string) {
    this.#channel = new BroadcastChannel(`gotalk-${userId}`);
    this.#channel.onmessage = ({ data }: MessageEvent<TabEvent>) => this.#tell(data);
  }

  /** @returns what ends it */
  listen(listener: (event: TabEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells every tab, and this one first. */
  emit(event: TabEvent): void {
    this.#tell(event);
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

  #tell(event: TabEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
