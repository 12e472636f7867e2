import { batch, computed, effect, signal } from "@preact/signals";
import { isPassing, MessageIds, type Session, type User } from "../../../lib/client/index.ts";
import {
  conversationsOf,
  conversationWith,
  ensureConversation,
  markRead,
  newestFirst,
} from "../storage/conversations.ts";
import { type DraftStart, draftFor, moveDraft, saveDraft } from "../storage/drafts.ts";
import { discard, enqueue, outboxOf, requeue } from "../storage/outbox.ts";
import type { Conversation, QueuedMessage, Stored, StoredMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { UnstoredDrafts } from "../storage/unstored.ts";
import { OwnAccount } from "./account.ts";
import type { ConnectionState } from "./connection.ts";
import { lead } from "./leader.ts";
import { type Departure, Leaving } from "./leaving.ts";
import { clearNotifications } from "./notifications.ts";
import { WatchedClient } from "./receiver.ts";
import { goTo, onRoute, routed } from "./route.ts";
import { type TabEvent, Tabs } from "./tabs.ts";
import { Timeline } from "./timeline.ts";
import { serve } from "./work.ts";

/** The draft of a message whose receiver is still being typed, and of the receiver's name. */
const NOBODY_YET = "";
const TO = "to";

/** Characters of what is typed in place of a name: more than a name has, and not so many that the page is slow. */
export const LONGEST_NAME = 100;

/** Milliseconds until what could not be read is read again, if nothing changes before. */
const PAUSE = 5_000;

/** Runs what nobody waits for. A storage that fails is told of where it matters; all else is a fault of the page. */
function inBackground(work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    if (!(error instanceof DOMException)) reportError(error);
  });
}

/** Everything that one tab shows of one user, and what the person can do. */
export class Chat {
  readonly session: Session;
  readonly account: OwnAccount;
  /** Undefined while they are loading. */
  readonly conversations = signal<readonly Conversation[] | undefined>(undefined);
  readonly outbox = signal<readonly QueuedMessage[]>([]);
  readonly connection = signal<ConnectionState>({ kind: "connecting" });
  /** Why nothing can be stored at the moment. */
  readonly storageProblem = signal<string | undefined>(undefined);
  /** The conversation that is open. */
  readonly timeline = signal<Timeline | undefined>(undefined);
  /** The username of a conversation that is about to begin. */
  readonly to = signal("");
  readonly unread = computed(() => (this.conversations.value ?? []).reduce((sum, { unread }) => sum + unread, 0));
  readonly #client: WatchedClient;
  readonly #database: Database;
  readonly #tabs: Tabs;
  readonly #life = new AbortController();
  readonly #unstored: UnstoredDrafts;
  readonly #leaving = new Leaving();
  /** What a reload has kept from being stored is. */
  readonly #recovered: Promise<unknown>;
  #refreshed: Promise<void> = Promise.resolve();
  /** What others have stored and this tab does not show yet, since the storage failed. */
  #missed: readonly StoredMessage[] = [];
  #nextRefresh: ReturnType<typeof setTimeout> | undefined;
  /** Counts what was taken in without being read. */
  #changes = 0;

  constructor(session: Session, database: Database, onExpired: () => void) {
    this.session = session;
    this.account = new OwnAccount(session, onExpired);
    this.#database = database;
    const messageIds = new MessageIds();
    this.#client = new WatchedClient({ url: "", session, retry: { giveUpAfter: 8_000 }, messageIds });
    this.#tabs = new Tabs(session.id);
    const { signal: life } = this.#life;
    this.#unstored = new UnstoredDrafts(session.id, life);
    this.#recovered = Promise.allSettled(
      this.#unstored.recover().map(([peerId, text]) => this.keepDraft(text, peerId)),
    );
    this.#tabs.listen((event, isOwn) => this.#on(event, isOwn));
    document.addEventListener("visibilitychange", () => this.#onVisible(), { signal: life });
    const stopReading = effect(() => this.#readWhatIsSeen());
    life.addEventListener("abort", stopReading);
    inBackground(this.#restore());
    onRoute(() => inBackground(this.#follow()), life);
    void lead(session.id, this.#tabs, life, (term) =>
      serve({ client: this.#client, messageIds, database, ownId: session.id, tabs: this.#tabs, onExpired }, term),
    );
    this.#tabs.post({ type: "hello" });
  }

  /**
   * Ends the work of this tab; what is stored stays. The connection to it is left to the browser, since work that is
   * going on at this moment may still write.
   */
  close(): void {
    this.#life.abort();
    this.#tabs.close();
  }

  /** Ends the session at the server, within a short time. */
  async logOut(): Promise<void> {
    await this.#client.logout({ signal: AbortSignal.timeout(3_000) });
  }

  /** Opens a conversation. */
  async open(peerId: string): Promise<void> {
    const timeline = new Timeline(this.#database, peerId);
    batch(() => {
      this.to.value = "";
      this.timeline.value = timeline;
    });
    goTo(peerId);
    await this.keepDraft("", TO);
    const unreadFrom = (await conversationWith(this.#database, peerId))?.unreadFrom;
    await (unreadFrom ? timeline.openAt(unreadFrom) : timeline.openAtEnd());
    await this.#markRead(peerId);
  }

  /** Goes back to the list. */
  leave(): void {
    this.timeline.value = undefined;
    goTo(undefined);
  }

  /** Begins a message to a user whose name is being typed. Where it cannot be stored, it lasts as long as the tab. */
  address(username: string): void {
    this.to.value = username;
    void this.keepDraft(username, TO).catch(() => undefined);
  }

  /**
   * Finds a user by name and opens the conversation; with a first message, sends it. Who has gone elsewhere while the user
   * was looked up stays there: the next key would go to somebody whom it is not meant for.
   *
   * @throws ProblemError `unknown_user`. The message is then to be had from {@link takeBack}.
   */
  async start(username: string, content?: string): Promise<void> {
    const to = this.to.value;
    const name = username.trim();
    const departure = content === undefined ? undefined : this.#leaving.add(name, content);
    const user = await this.#welcome(name, departure).catch((error: unknown) => {
      if (departure !== undefined) departure.hasFailed = true;
      throw error;
    });
    this.#tabs.emit({ type: "changed" });
    await this.#refreshed;
    const isStaying = this.to.value === to;
    // Under another name what has been typed is still to be seen, and may be meant for that one.
    const isElsewhere = !isStaying && this.to.value !== "";
    if (departure === undefined) {
      // A message to the same person opens the conversation itself. If it fails, its box is still there to say so.
      if (isElsewhere || this.#leaving.isFor(name)) return;
      await Promise.all([this.#moveDraft(user.id), isStaying && this.open(user.id)]);
      return;
    }
    // Both begin in this very moment: what has been typed so far is moved, and the new box, which asks for it, comes next.
    this.#leaving.remove(departure);
    const moved = this.#moveDraft(isElsewhere ? NOBODY_YET : user.id);
    // The message is in the outbox by now: who gets it back with an error sends it twice.
    await Promise.all([moved, isStaying && this.open(user.id)]).catch(() => undefined);
  }

  /** The text of messages that {@link start} could not send. The box that asks for it first shows it. */
  takeBack(): string {
    return this.#leaving.takeBack();
  }

  /** Finds a user, and stores the first message to them. */
  async #welcome(name: string, departure: Departure | undefined): Promise<User> {
    const user = await this.#find(name);
    await ensureConversation(this.#database, user);
    if (departure !== undefined) await this.#depart(user.id, departure);
    return user;
  }

  /** The message is in the outbox, and its text in no draft, in the same moment: a reload finds it in one of them. */
  async #depart(peerId: string, departure: Departure): Promise<void> {
    const before = this.#leaving.text;
    // What is typed from now on is stored after that.
    departure.isStored = true;
    try {
      await this.#enqueue(peerId, departure.content, NOBODY_YET, { before, after: this.#leaving.text });
    } catch (error) {
      departure.isStored = false;
      throw error;
    }
  }

  /**
   * Asks the server, which knows whether the name belongs to somebody else by now. Without a connection a user of the
   * list is known all the same.
   */
  async #find(username: string): Promise<User> {
    const known = this.conversations.value?.find(({ name }) => name === username.toLowerCase());
    if (known === undefined) return this.#client.find(username);
    const user = { id: known.peerId, username: known.name };
    if (this.connection.value.kind !== "connected") return user;
    return this.#client.find(username).catch((error: unknown) => {
      if (isPassing(error)) return user;
      throw error;
    });
  }

  /** Stores a message to be sent, in place of its draft. @throws DOMException when it cannot be stored */
  async send(peerId: string, content: string): Promise<void> {
    await this.#unstored.during(peerId, content, this.#enqueue(peerId, content, peerId));
    this.#tabs.post({ type: "draft", peerId, text: "" });
    const timeline = this.timeline.value;
    if (timeline?.peerId !== peerId) return;
    timeline.divider.value = undefined;
    if (timeline.isAtEnd.value) this.#toBottom(timeline);
    // The message is in the outbox, whether this can be read or not.
    else await timeline.openAtEnd().catch(() => undefined);
  }

  /** Tries messages again that were not sent. */
  async retry(messages: readonly QueuedMessage[]): Promise<void> {
    await requeue(this.#database, messages, () => this.#client.newMessageId());
    this.#tabs.emit({ type: "queued" });
  }

  /** Gives a message up that was not sent. */
  async discard(message: QueuedMessage): Promise<void> {
    await discard(this.#database, message);
    this.#tabs.emit({ type: "queued" });
  }

  /** Asks the server now. */
  sync(): void {
    this.#tabs.emit({ type: "sync" });
  }

  /** What a box that has just appeared is to show. */
  async draft(peerId = NOBODY_YET): Promise<string> {
    await this.#recovered;
    const start = peerId === NOBODY_YET ? this.#leaving.text : "";
    const stored = await draftFor(this.#database, peerId);
    const rest = stored.startsWith(start) ? stored.slice(start.length) : stored;
    return peerId === NOBODY_YET ? this.takeBack() + rest : rest;
  }

  async saveDraft(text: string, peerId = NOBODY_YET): Promise<void> {
    await this.keepDraft(text, peerId);
    this.#tabs.post({ type: "draft", peerId, text: this.#whole(text, peerId) });
  }

  /** Stores a draft without a word to the other tabs: it is not to appear in a box out of which a message has just gone. */
  async keepDraft(text: string, peerId = NOBODY_YET): Promise<void> {
    const whole = this.#whole(text, peerId);
    await this.#unstored.during(peerId, whole, saveDraft(this.#database, peerId, whole));
  }

  /** What is stored for what stands in a box. */
  #whole(text: string, peerId: string): string {
    return peerId === NOBODY_YET ? this.#leaving.text + text : text;
  }

  /** Calls back when another tab has changed a draft. @returns what ends it */
  onDraft(peerId: string, listener: (text: string) => void): () => void {
    return this.#tabs.listen((event) => {
      if (event.type === "draft" && event.peerId === peerId) listener(event.text);
    });
  }

  /** Brings back what was on the screen before a reload. */
  async #restore(): Promise<void> {
    await this.#refresh([]);
    this.to.value = (await this.draft(TO)).slice(0, LONGEST_NAME);
    if (this.to.value === "") await this.#follow();
  }

  /** Shows what the address says. */
  async #follow(): Promise<void> {
    const peerId = routed();
    if (peerId === this.timeline.value?.peerId) return;
    const isKnown = peerId !== undefined && (await conversationWith(this.#database, peerId)) !== undefined;
    if (isKnown) await this.open(peerId);
    else this.leave();
  }

  async #enqueue(peerId: string, content: string, draftOf: string, start?: DraftStart): Promise<void> {
    const messageId = this.#client.newMessageId();
    const message = await enqueue(this.#database, { peerId, content, messageId }, draftOf, start);
    this.#tabs.emit({ type: "queued", message });
  }

  /**
   * Gives what was typed while nobody was known to the one who is; what is leaving stays. Where this fails, it waits where
   * it was.
   */
  async #moveDraft(peerId: string): Promise<void> {
    const left = this.#leaving.text;
    try {
      const text = await moveDraft(this.#database, NOBODY_YET, peerId, left);
      if (peerId !== NOBODY_YET) this.#tabs.post({ type: "draft", peerId, text });
      this.#tabs.post({ type: "draft", peerId: NOBODY_YET, text: peerId === NOBODY_YET ? text : left });
    } catch {
      // The message, if there was one, is on its way all the same.
    }
  }

  #toBottom(timeline: Timeline): void {
    timeline.target = "end";
    timeline.below.value = 0;
    timeline.isPinned.value = true;
  }

  #on(event: TabEvent, isOwn: boolean): void {
    if (event.type === "connection") this.connection.value = event.state;
    else if (event.type === "storage") this.storageProblem.value = event.problem;
    else if (event.type === "stored") isOwn ? this.#takeIn(event) : void this.#refresh(event.messages);
    else if (event.type === "queued" && isOwn && event.message) this.#expect(event.message);
    else if (event.type === "queued" || event.type === "changed") void this.#refresh([]);
  }

  /**
   * Reads again what has changed. One at a time, so that the last one is the newest. Where the storage fails, what is
   * shown stays, and is read with the next change or after a while.
   */
  #refresh(messages: readonly StoredMessage[]): Promise<void> {
    this.#refreshed = this.#refreshed.then(async () => {
      const fresh = [...this.#missed, ...messages];
      try {
        await this.#read(fresh);
        this.#missed = [];
      } catch {
        this.#missed = fresh;
        clearTimeout(this.#nextRefresh);
        this.#nextRefresh = setTimeout(() => void this.#refresh([]), PAUSE);
      }
    });
    return this.#refreshed;
  }

  /** All of it appears in one frame. */
  async #read(messages: readonly StoredMessage[]): Promise<void> {
    for (let seen = -1; seen !== this.#changes; ) {
      if (this.#life.signal.aborted) return;
      // What is taken in while this is read may be newer than what is read.
      seen = this.#changes;
      const [conversations, outbox] = await Promise.all([conversationsOf(this.#database), outboxOf(this.#database)]);
      if (seen !== this.#changes) continue;
      batch(() => {
        this.conversations.value = conversations;
        this.outbox.value = outbox;
        this.#show(messages, conversations);
      });
    }
  }

  /** Shows what this tab has stored at this moment, without reading it again. */
  #takeIn({ messages, conversations, sent }: Stored): void {
    this.#changes++;
    const changed = new Set(conversations.map(({ peerId }) => peerId));
    const others = (this.conversations.value ?? []).filter(({ peerId }) => !changed.has(peerId));
    batch(() => {
      if (this.conversations.value) this.conversations.value = newestFirst([...conversations, ...others]);
      if (sent !== undefined) this.outbox.value = this.outbox.value.filter(({ sequence }) => sequence !== sent);
      this.#show(messages, conversations);
    });
  }

  /** The same for a message that this tab has put into the outbox. */
  #expect(message: QueuedMessage): void {
    this.#changes++;
    this.outbox.value = [...this.outbox.value, message];
  }

  #show(messages: readonly StoredMessage[], conversations: readonly Conversation[]): void {
    const timeline = this.timeline.value;
    const own = messages.filter(({ peerId }) => peerId === timeline?.peerId);
    if (timeline === undefined || own.length === 0) return;
    const arrived = own.filter(({ senderId }) => senderId !== this.session.id).length;
    if (!this.#isReading(timeline)) {
      const known = conversations.find(({ peerId }) => peerId === timeline.peerId);
      if (known?.unreadFrom) timeline.divider.value = known.unreadFrom.id;
      if (!timeline.isPinned.value) timeline.below.value += arrived;
    }
    timeline.add(own);
  }

  #isReading(timeline: Timeline): boolean {
    // While a name is written under To, the pane shows the conversation that is about to begin.
    const isShown = timeline.messages.value !== undefined && this.to.value.trim() === "";
    return isShown && timeline.isPinned.value && document.visibilityState === "visible";
  }

  /** What arrives in the open conversation, at its bottom and before the reader's eyes, is read. */
  #readWhatIsSeen(): void {
    const timeline = this.timeline.value;
    const open = this.conversations.value?.find(({ peerId }) => peerId === timeline?.peerId);
    if (timeline && open && open.unread > 0 && this.#isReading(timeline)) inBackground(this.#markRead(open.peerId));
  }

  #onVisible(): void {
    if (document.visibilityState !== "visible") return;
    this.sync();
    this.#readWhatIsSeen();
  }

  async #markRead(peerId: string): Promise<void> {
    inBackground(clearNotifications(peerId));
    if (await markRead(this.#database, peerId)) this.#tabs.emit({ type: "changed" });
  }
}
