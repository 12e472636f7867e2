import type { Typist, User } from "../../../lib/client/index.ts";
import type { HistoryNotice, QueuedMessage, Stored } from "../storage/records.ts";
import type { ConnectionState } from "./connection.ts";

/** Events between the tabs of one user. */
export type TabEvent =
  /** Messages were added to the history. */
  | ({ readonly type: "stored" } & Stored)
  /** The outbox has something to send: this message, or others. */
  | { readonly type: "queued"; readonly message?: QueuedMessage }
  /** The outbox or the conversations have changed. There is nothing to send. `isImport`: the history has, too. */
  | { readonly type: "changed"; readonly isImport?: boolean }
  /** A conversation was deleted on this device. */
  | { readonly type: "deleted"; readonly peerId: string }
  | { readonly type: "draft"; readonly peerId: string; readonly text: string }
  | { readonly type: "connection"; readonly state: ConnectionState }
  /** The leader could not store received messages. Undefined: now it can. */
  | { readonly type: "storage"; readonly problem: string | undefined }
  /** The leader has found out whether this browser has no room as a device of its own. */
  | { readonly type: "sharing"; readonly isSharing: boolean }
  /** What the person is to know of the history. Undefined: they have seen it. */
  | { readonly type: "notice"; readonly notice: HistoryNotice | undefined }
  /** Messages were on the screen of a tab, and their senders are to be told. */
  | { readonly type: "seen" }
  /** The person is typing to this user or group. */
  | { readonly type: "typing"; readonly toId: string }
  /** The users who are typing now, as the leader hears it. */
  | { readonly type: "typists"; readonly typists: readonly Typist[] }
  /** The people whom the user has blocked, as one tab knows it now. */
  | { readonly type: "blocked"; readonly users: readonly User[] }
  /** What is known of groups has changed. */
  | { readonly type: "groups" }
  /** The server's `Date` in an answer to a request that began at this time of the machine's clock, which is wrong. */
  | { readonly type: "clock"; readonly date: string; readonly askedAt: number }
  /** How much of a file of the outbox the leader has uploaded, from 0 to 1. */
  | { readonly type: "upload"; readonly sequence: number; readonly part: number }
  /** A new tab asks for the state of things. */
  | { readonly type: "hello" }
  /** The person asks for a sync now. */
  | { readonly type: "sync" }
  /** A visible tab wants to lead in place of a hidden tab, whose timers the browser slows down. */
  | { readonly type: "claim" }
  /** The leading tab is hidden, and asks for a visible tab to lead. */
  | { readonly type: "offer" };

/** `isOwn`: this tab has sent the event just now. Other tabs may have moved on since they sent theirs. */
type Listener = (event: TabEvent, isOwn: boolean) => void;

/** Sends events between all tabs of one user, this one included. */
export class Tabs {
  readonly #channel: BroadcastChannel;
  readonly #listeners = new Set<Listener>();
  #isClosed = false;

  constructor(userId: string) {
    this.#channel = new BroadcastChannel(`gotalk-${userId}`);
    this.#channel.onmessage = ({ data }: MessageEvent<TabEvent>) => this.#tell(data, false);
  }

  /** @returns a function that ends this */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Sends an event to every tab, and to this one first. */
  emit(event: TabEvent): void {
    this.#tell(event, true);
    this.post(event);
  }

  /** Sends an event to the other tabs only. */
  post(event: TabEvent): void {
    // Work that was going on when the page was left may still send events.
    if (this.#isClosed) return;
    this.#channel.postMessage(event);
  }

  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#channel.close();
  }

  /** A fault of one listener concerns neither the other listeners nor the sender of the event. */
  #tell(event: TabEvent, isOwn: boolean): void {
    for (const listener of this.#listeners) {
      try {
        listener(event, isOwn);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
