import { computed, signal } from "@preact/signals";
import { Client, isGroupId, type Session, type Typist } from "../../../lib/client/index.ts";
import { deleteConversation } from "../storage/conversation-deletion.ts";
import { conversationsOf } from "../storage/conversations.ts";
import { knownGroup } from "../storage/groups.ts";
import { eventsAfter, quotedBy } from "../storage/history.ts";
import { outboxOf } from "../storage/outbox.ts";
import { deleteHere } from "../storage/own-deletion.ts";
import { isToOthers, type QueuedMessage, type Stored, type StoredMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { tellsReadIn } from "../storage/settings.ts";
import { inBackground } from "./background.ts";
import { Beginning } from "./beginning.ts";
import type { ConnectionState } from "./connection.ts";
import { DraftKeeper } from "./draftKeeper.ts";
import { explain } from "./explain.ts";
import type { FileHost } from "./fileHost.ts";
import { FirstMessages } from "./firstMessages.ts";
import { Groups } from "./groups.ts";
import type { HistoryFiles } from "./historyFiles.ts";
import { lead } from "./leader.ts";
import { Leading } from "./leading.ts";
import { Mirror } from "./mirror.ts";
import { Notices } from "./notices.ts";
import { OwnAccount } from "./ownAccount.ts";
import { type OwnGroup, ownGroups } from "./ownGroups.ts";
import { OwnSettings } from "./ownSettings.ts";
import { Reading } from "./reading.ts";
import { ReadTeller } from "./readTeller.ts";
import { WatchedClient } from "./receiver.ts";
import { renewSession } from "./session.ts";
import { SharedIds } from "./sharedIds.ts";
import { Strangers } from "./strangers.ts";
import { type TabEvent, Tabs } from "./tabs.ts";
import { Writing } from "./writing.ts";

/** Everything that one tab shows of one user, and what the person can do. */
export class Chat {
  readonly account: OwnAccount;
  readonly settings: OwnSettings;
  /** What the person has to know of this device's history. */
  readonly notices: Notices;
  readonly groups: Groups;
  readonly drafts: DraftKeeper;
  /** The conversation on the screen. */
  readonly reading: Reading;
  readonly writing: Writing;
  readonly strangers: Strangers;
  /** What {@link HistoryFiles} needs, which is loaded when a dialog needs it. */
  readonly historyParts: ConstructorParameters<typeof HistoryFiles>;
  /** What files need, whose code is loaded when a conversation is opened. */
  readonly fileHost: FileHost;
  readonly connection = signal<ConnectionState>({ kind: "connecting" });
  /** Why nothing can be stored at the moment. */
  readonly storageProblem = signal<string | undefined>(undefined);
  /** Why the last thing that the person did could not be done, see {@link attempt}. */
  readonly failure = signal<string | undefined>(undefined);
  /** Whether this browser shares the messages with other logins, as there is no room for another device. */
  readonly isSharing = signal(false);
  /** The users who are typing now. */
  readonly typists = signal<readonly Typist[]>([]);
  readonly conversations: Mirror["conversations"];
  readonly outbox: Mirror["outbox"];
  /** The unread messages that the person is to hear of: none of a conversation that is muted or archived. */
  readonly unread = computed(() =>
    (this.conversations.value ?? [])
      .filter(({ settings }) => !settings.isMuted && !settings.isArchived)
      .reduce((sum, { unread }) => sum + unread, 0),
  );
  /** The groups that To finds. */
  readonly ownGroups = computed(() => ownGroups(this.conversations.value ?? [], this.groups.all));
  readonly #client: WatchedClient;
  readonly #database: Database;
  readonly #tabs: Tabs;
  readonly #mirror: Mirror;
  readonly #beginning: Beginning;
  readonly #life = new AbortController();
  readonly #leading: Leading;
  #session: Session;

  /** @param onExpired Called with the token of a session that is over. */
  constructor(session: Session, database: Database, onExpired: (token: string) => void) {
    const tabs = new Tabs(session.id);
    const messageIds = new SharedIds(tabs);
    const client = new WatchedClient({ url: "", session, retry: { giveUpAfter: 8_000 }, messageIds });
    const life = this.#life.signal;
    const firstMessages = new FirstMessages();
    this.#session = session;
    this.account = new OwnAccount(session, tabs, onExpired);
    this.notices = new Notices(database, tabs);
    this.#client = client;
    this.#database = database;
    this.#tabs = tabs;
    this.#mirror = new Mirror({
      read: async () => {
        const [conversations, outbox] = await Promise.all([conversationsOf(database), outboxOf(database)]);
        return [conversations, outbox.filter(isToOthers)];
      },
      onChanged: (changed) => this.reading.show(changed),
      life,
    });
    this.conversations = this.#mirror.conversations;
    this.outbox = this.#mirror.outbox;
    const host = { database, client, tabs, ownId: session.id, firstMessages, life, mirror: this.#mirror };
    this.settings = new OwnSettings({
      ...{ database, tabs, life, notices: this.notices },
      session: () => this.#session,
      tellOwn: (changes) => this.writing.tellOwn(changes),
    });
    this.historyParts = [database, session, tabs, this.notices];
    this.fileHost = host;
    this.groups = new Groups({ ...host, ask: (work) => this.account.ask(work) });
    this.drafts = new DraftKeeper(host);
    const teller = new ReadTeller({ ...host, tellOwn: (changes) => this.writing.tellOwn(changes) });
    const { tellsRead } = this.settings;
    this.reading = new Reading({ ...host, tellsRead, drafts: this.drafts, onRead: (line) => teller.add(line) });
    const { drafts, reading, outbox, connection } = this;
    this.writing = new Writing({ ...host, drafts, reading, outbox, user: session });
    this.strangers = new Strangers({ ...host, account: this.account });
    const { writing } = this;
    this.#beginning = new Beginning({
      ...host,
      drafts,
      reading,
      connection,
      writing,
      ownGroups: () => this.ownGroups.value,
    });
    tabs.listen((event, isOwn) => this.#on(event, isOwn));
    document.addEventListener("visibilitychange", () => this.#onVisible(), { signal: life });
    this.reading.start(this.#mirror.refresh());
    inBackground(this.notices.load());
    this.settings.start();
    inBackground(this.groups.load());
    const telling = {
      tellsRead: () => tellsReadIn(database, session.id),
      requestsAmong: (ids: readonly string[]) => this.strangers.among(ids),
      blocked: () => this.account.knowBlocked(),
      sizeOf: async (groupId: string) => (await knownGroup(database, groupId))?.members.length,
    };
    this.#leading = new Leading({
      ...{ client, messageIds, database, user: session, tabs, notices: this.notices, telling, onExpired },
      session: () => this.#session,
      onMoved: (moved) => this.#onMoved(moved),
    });
    void lead(session.id, tabs, life, (term) => this.#leading.work(term));
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
    if (this.#leading.isWorking) return false;
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

  /** Opens a group, see {@link Beginning.openGroup}. */
  openGroup(group: OwnGroup): Promise<void> {
    return this.#beginning.openGroup(group);
  }

  /** Waits for what the person has asked for with a single press. The page says why it could not be done. */
  attempt(work: Promise<unknown>): void {
    this.failure.value = undefined;
    const fail = (error: unknown) => {
      this.failure.value = explain(error);
      throw error;
    };
    inBackground(work.catch(fail));
  }

  /** Accepts a stranger's request. */
  accept(peerId: string): Promise<void> {
    return this.writing.tellOwn({ [peerId]: { accepted: true } });
  }

  /** The person is typing a message to this user or group. Nothing is told of it to strangers. */
  type(peerId: string): void {
    if (this.strangers.mayHear(peerId)) this.#tabs.emit({ type: "typing", toId: peerId });
  }

  /** Deletes a message on this device alone. */
  async deleteHere(message: StoredMessage): Promise<void> {
    const stored = await deleteHere(this.#database, message, this.#session.id);
    this.#tabs.emit({ type: "stored", ...stored });
  }

  /**
   * Deletes a conversation on this device alone, with its drafts and what was not sent of it. The record of
   * who added the user to a group goes, too, so a group that is no request is accepted first.
   *
   * @throws DOMException when it cannot be stored
   */
  async deleteConversation(peerId: string): Promise<void> {
    if (isGroupId(peerId) && !this.strangers.isRequest(peerId)) await this.accept(peerId);
    await deleteConversation(this.#database, peerId, this.#session.id);
    this.#tabs.emit({ type: "deleted", peerId });
  }

  /** Calls back when the history has changed. @returns a function that ends this */
  onStored(listener: (stored: Stored) => void): () => void {
    return this.#tabs.listen((event) => {
      if (event.type === "stored") listener(event);
    });
  }

  /** The message that another one replies to, if this device has it. */
  quotedBy(message: Pick<StoredMessage, "about" | "conversationId">): Promise<StoredMessage | undefined> {
    return quotedBy(this.#database, message);
  }

  /** What happened in a group after a message of it. */
  eventsAfter(message: StoredMessage): Promise<readonly StoredMessage[]> {
    return eventsAfter(this.#database, message);
  }

  /** Asks the server now. */
  sync(): void {
    this.#tabs.emit({ type: "sync" });
  }

  #goOnWith(session: Session): void {
    this.#session = session;
    this.account.renew(session);
  }

  #onMoved(session: Session): void {
    const before = this.#session;
    this.#goOnWith(session);
    // The person has logged out meanwhile.
    if (!renewSession(before, session)) inBackground(new Client({ url: "", session }).logout());
  }

  #on(event: TabEvent, isOwn: boolean): void {
    if (event.type === "connection") this.connection.value = event.state;
    else if (event.type === "typists") this.typists.value = event.typists;
    else if (event.type === "sharing") this.isSharing.value = event.isSharing;
    else if (event.type === "hello") this.#tellSharing();
    else if (event.type === "storage") this.storageProblem.value = event.problem;
    else if (event.type === "stored") this.#onStored(event, isOwn);
    else if (event.type === "queued" && isOwn && event.message) this.#addQueued(event.message);
    else if (["queued", "changed", "groups"].includes(event.type)) void this.#mirror.refresh();
    if (event.type === "changed" && event.isImport) this.reading.reload();
    if (event.type === "deleted") this.#onDeleted(event.peerId);
  }

  #onStored(stored: Stored, isOwn: boolean): void {
    if (isOwn) this.#mirror.add(stored);
    else void this.#mirror.refresh(stored);
  }

  #addQueued(message: QueuedMessage): void {
    if (isToOthers(message)) this.#mirror.addQueued(message);
  }

  #onDeleted(peerId: string): void {
    this.drafts.clear(peerId);
    void this.#mirror.refresh();
    if (this.reading.timeline.value?.peerId === peerId) this.reading.leave();
  }

  #tellSharing(): void {
    if (this.#leading.isWorking) this.#tabs.post({ type: "sharing", isSharing: this.isSharing.value });
  }

  #onVisible(): void {
    if (document.visibilityState !== "visible") return;
    this.sync();
    this.reading.markSeen();
  }
}
