import { computed, signal } from "@preact/signals";
import { MessageIds, type Session } from "../../../lib/client/index.ts";
import { conversationsOf } from "../storage/conversations.ts";
import type { DraftStart } from "../storage/drafts.ts";
import { discard, enqueue, outboxOf, requeue } from "../storage/outbox.ts";
import type { QueuedMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { Beginning } from "./beginning.ts";
import type { ConnectionState } from "./connection.ts";
import { DraftKeeper } from "./draftKeeper.ts";
import { FirstMessages } from "./firstMessages.ts";
import { lead } from "./leader.ts";
import { Mirror } from "./mirror.ts";
import { OwnAccount } from "./ownAccount.ts";
import { Reading } from "./reading.ts";
import { WatchedClient } from "./receiver.ts";
import { type TabEvent, Tabs } from "./tabs.ts";
import { serve } from "./work.ts";

/** Everything that one tab shows of one user, and what the person can do. */
export class Chat {
  readonly session: Session;
  readonly account: OwnAccount;
  readonly drafts: DraftKeeper;
  /** The conversation on the screen. */
  readonly reading: Reading;
  readonly connection = signal<ConnectionState>({ kind: "connecting" });
  /** Why nothing can be stored at the moment. */
  readonly storageProblem = signal<string | undefined>(undefined);
  readonly conversations: Mirror["conversations"];
  readonly outbox: Mirror["outbox"];
  readonly unread = computed(() => (this.conversations.value ?? []).reduce((sum, { unread }) => sum + unread, 0));
  readonly #client: WatchedClient;
  readonly #database: Database;
  readonly #tabs: Tabs;
  readonly #mirror: Mirror;
  readonly #beginning: Beginning;
  readonly #life = new AbortController();

  constructor(session: Session, database: Database, onExpired: () => void) {
    const messageIds = new MessageIds();
    const client = new WatchedClient({ url: "", session, retry: { giveUpAfter: 8_000 }, messageIds });
    const tabs = new Tabs(session.id);
    const life = this.#life.signal;
    const firstMessages = new FirstMessages();
    this.session = session;
    this.account = new OwnAccount(session, onExpired);
    this.#client = client;
    this.#database = database;
    this.#tabs = tabs;
    this.#mirror = new Mirror({
      read: () => Promise.all([conversationsOf(database), outboxOf(database)]),
      onMessages: (messages, conversations) => this.reading.show(messages, conversations),
      life,
    });
    this.conversations = this.#mirror.conversations;
    this.outbox = this.#mirror.outbox;
    const host = { database, client, tabs, ownId: session.id, firstMessages, life, mirror: this.#mirror };
    this.drafts = new DraftKeeper(host);
    this.reading = new Reading({ ...host, drafts: this.drafts });
    this.#beginning = new Beginning({
      ...host,
      drafts: this.drafts,
      reading: this.reading,
      connection: this.connection,
      enqueue: (...message) => this.#enqueue(...message),
    });
    tabs.listen((event, isOwn) => this.#on(event, isOwn));
    document.addEventListener("visibilitychange", () => this.#onVisible(), { signal: life });
    this.reading.start(this.#mirror.refresh());
    void lead(session.id, tabs, life, (term) =>
      serve({ client, messageIds, database, ownId: session.id, tabs, onExpired }, term),
    );
    tabs.post({ type: "hello" });
  }

  /**
   * Ends the work of this tab; what is stored stays. The browser closes the connection to the storage: work that is
   * still going on may write to it.
   */
  close(): void {
    this.#life.abort();
    this.#tabs.close();
  }

  /** Ends the session at the server, within a short time. */
  async logOut(): Promise<void> {
    await this.#client.logout({ signal: AbortSignal.timeout(3_000) });
  }

  /** Begins a conversation, see {@link Beginning.start}. */
  start(username: string, content?: string): Promise<void> {
    return this.#beginning.start(username, content);
  }

  /** Stores a message to be sent, in place of its draft. @throws DOMException when it cannot be stored */
  async send(peerId: string, content: string): Promise<void> {
    await this.drafts.replace(peerId, content, this.#enqueue(peerId, content, peerId));
    await this.reading.toEnd(peerId);
  }

  /** Tries messages again that were not sent. */
  async retry(messages: readonly QueuedMessage[]): Promise<void> {
    await requeue(this.#database, messages, () => this.#client.newMessageId());
    this.#tabs.emit({ type: "queued" });
  }

  /** Deletes a message that was not sent. */
  async discard(message: QueuedMessage): Promise<void> {
    await discard(this.#database, message);
    this.#tabs.emit({ type: "queued" });
  }

  /** Asks the server now. */
  sync(): void {
    this.#tabs.emit({ type: "sync" });
  }

  async #enqueue(peerId: string, content: string, draftOf: string, start?: DraftStart): Promise<void> {
    const messageId = this.#client.newMessageId();
    const message = await enqueue(this.#database, { peerId, content, messageId }, draftOf, start);
    this.#tabs.emit({ type: "queued", message });
  }

  #on(event: TabEvent, isOwn: boolean): void {
    if (event.type === "connection") this.connection.value = event.state;
    else if (event.type === "storage") this.storageProblem.value = event.problem;
    else if (event.type === "stored") isOwn ? this.#mirror.add(event) : void this.#mirror.refresh(event.messages);
    else if (event.type === "queued" && isOwn && event.message) this.#mirror.addQueued(event.message);
    else if (event.type === "queued" || event.type === "changed") void this.#mirror.refresh();
  }

  #onVisible(): void {
    if (document.visibilityState !== "visible") return;
    this.sync();
    this.reading.markSeen();
  }
}
