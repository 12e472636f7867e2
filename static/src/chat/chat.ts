import { computed, signal } from "@preact/signals";
import { Client, MessageIds, type Session } from "../../../lib/client/index.ts";
import { conversationsOf } from "../storage/conversations.ts";
import type { DraftStart } from "../storage/drafts.ts";
import { discard, enqueue, outboxOf, requeue } from "../storage/outbox.ts";
import type { QueuedMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { inBackground } from "./background.ts";
import { Beginning } from "./beginning.ts";
import type { ConnectionState } from "./connection.ts";
import { DraftKeeper } from "./draftKeeper.ts";
import { FirstMessages } from "./firstMessages.ts";
import { HistoryFiles } from "./historyFiles.ts";
import { lead } from "./leader.ts";
import { Mirror } from "./mirror.ts";
import { MOVE_PAUSE, moveToOwnDevice } from "./moving.ts";
import { Notices } from "./notices.ts";
import { OwnAccount } from "./ownAccount.ts";
import { Reading } from "./reading.ts";
import { WatchedClient } from "./receiver.ts";
import { renewSession } from "./session.ts";
import { type TabEvent, Tabs } from "./tabs.ts";
import { serve, type WorkHost } from "./work.ts";

/** What the work of the leading tab needs from the chat. */
type ChatWork = Omit<WorkHost, "onExpired"> & { onExpired(token: string): void };

/** Everything that one tab shows of one user, and what the person can do. */
export class Chat {
  readonly account: OwnAccount;
  /** What the person has to know of this device's history. */
  readonly notices: Notices;
  readonly drafts: DraftKeeper;
  /** The conversation on the screen. */
  readonly reading: Reading;
  readonly historyFiles: HistoryFiles;
  readonly connection = signal<ConnectionState>({ kind: "connecting" });
  /** Why nothing can be stored at the moment. */
  readonly storageProblem = signal<string | undefined>(undefined);
  /** Whether this browser shares the messages with other logins, as there is no room for another device. */
  readonly isSharing = signal(false);
  readonly conversations: Mirror["conversations"];
  readonly outbox: Mirror["outbox"];
  readonly unread = computed(() => (this.conversations.value ?? []).reduce((sum, { unread }) => sum + unread, 0));
  readonly #client: WatchedClient;
  readonly #database: Database;
  readonly #tabs: Tabs;
  readonly #mirror: Mirror;
  readonly #beginning: Beginning;
  readonly #life = new AbortController();
  #session: Session;
  /** Whether this tab talks to the server. */
  #isWorking = false;

  /** @param onExpired Called with the token of a session that is over. */
  constructor(session: Session, database: Database, onExpired: (token: string) => void) {
    const messageIds = new MessageIds();
    const client = new WatchedClient({ url: "", session, retry: { giveUpAfter: 8_000 }, messageIds });
    const tabs = new Tabs(session.id);
    const life = this.#life.signal;
    const firstMessages = new FirstMessages();
    this.#session = session;
    this.account = new OwnAccount(session, onExpired);
    this.notices = new Notices(database, tabs);
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
    this.historyFiles = new HistoryFiles(database, session, tabs, this.notices);
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
    inBackground(this.notices.load());
    const work = { client, messageIds, database, ownId: session.id, tabs, notices: this.notices, onExpired };
    void lead(session.id, tabs, life, (term) => this.#work(work, term));
    tabs.post({ type: "hello" });
  }

  get session(): Session {
    return this.#session;
  }

  /**
   * Goes on with a session under another token, which another tab has stored.
   *
   * @returns false if this tab is talking to the server with the old one: then it needs another chat
   */
  renew(session: Session): boolean {
    if (session.token === this.#session.token) return true;
    if (this.#isWorking) return false;
    this.#client.session = session;
    this.#goOnWith(session);
    return true;
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

  #goOnWith(session: Session): void {
    this.#session = session;
    this.account.renew(session);
  }

  /**
   * The work of the leading tab. It begins with a device of its own, if the session has none. Where this could not be
   * done, the work is interrupted for another attempt.
   */
  async #work(host: ChatWork, signal: AbortSignal): Promise<void> {
    this.#isWorking = true;
    try {
      for (let isDone = false; !isDone && !signal.aborted; ) {
        const move = await moveToOwnDevice(host.client, (session) => this.#onMoved(session));
        // The chat may have been closed meanwhile.
        if (signal.aborted) return;
        isDone = move === "done";
        if (move !== "again") this.#tabs.emit({ type: "sharing", isSharing: move === "full" });
        await this.#serve(host, isDone, signal);
      }
    } finally {
      this.#isWorking = false;
    }
  }

  /** @param isFinal Whether the work goes on without an end. */
  async #serve({ onExpired, ...host }: ChatWork, isFinal: boolean, signal: AbortSignal): Promise<void> {
    const { token } = this.#session;
    const term = new AbortController();
    const pause = isFinal ? undefined : setTimeout(() => term.abort(), MOVE_PAUSE);
    // An attempt whose answer was lost may have ended the old token. The next one finds out.
    const onEnd = () => (isFinal ? onExpired(token) : term.abort());
    try {
      await serve({ ...host, onExpired: onEnd }, AbortSignal.any([signal, term.signal]));
    } finally {
      clearTimeout(pause);
    }
  }

  #onMoved(session: Session): void {
    const before = this.#session;
    this.#goOnWith(session);
    // The person has logged out meanwhile.
    if (!renewSession(before, session)) inBackground(new Client({ url: "", session }).logout());
  }

  #on(event: TabEvent, isOwn: boolean): void {
    if (event.type === "connection") this.connection.value = event.state;
    else if (event.type === "sharing") this.isSharing.value = event.isSharing;
    else if (event.type === "hello") this.#tellSharing();
    else if (event.type === "storage") this.storageProblem.value = event.problem;
    else if (event.type === "stored") isOwn ? this.#mirror.add(event) : void this.#mirror.refresh(event.messages);
    else if (event.type === "queued" && isOwn && event.message) this.#mirror.addQueued(event.message);
    else if (event.type === "queued" || event.type === "changed") void this.#mirror.refresh();
    if (event.type === "changed" && event.isImport) this.reading.reload();
  }

  #tellSharing(): void {
    if (this.#isWorking) this.#tabs.post({ type: "sharing", isSharing: this.isSharing.value });
  }

  #onVisible(): void {
    if (document.visibilityState !== "visible") return;
    this.sync();
    this.reading.markSeen();
  }
}
