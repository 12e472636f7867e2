import { batch, effect, type ReadonlySignal, signal } from "@preact/signals";
import { hasReceipts } from "../../../lib/client/index.ts";
import { conversationWith, markRead } from "../storage/conversations.ts";
import type { Line, Stored } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { markSeen, unseenIn } from "../storage/untold.ts";
import { inBackground } from "./background.ts";
import { Begun } from "./begun.ts";
import { type DraftKeeper, TO } from "./draftKeeper.ts";
import type { Mirror } from "./mirror.ts";
import { clearNotifications } from "./notifications.ts";
import { goTo, onRoute, routed } from "./route.ts";
import type { Tabs } from "./tabs.ts";
import { Timeline } from "./timeline.ts";

/** Characters of what is typed in place of a name: more than a name has, and not so many that the page is slow. */
export const LONGEST_NAME = 100;

/** What a {@link Reading} needs. */
interface ReadingHost {
  readonly database: Database;
  readonly tabs: Tabs;
  readonly drafts: DraftKeeper;
  readonly mirror: Mirror;
  readonly ownId: string;
  readonly life: AbortSignal;
  /** A conversation was read: `line` is what is stored of it now. */
  onRead(line: Line): void;
  /** The setting "Read receipts". */
  readonly tellsRead: ReadonlySignal<boolean>;
}

/** The conversation on the screen, and which of its messages the person has seen. */
export class Reading {
  /** The conversation that is open. */
  readonly timeline = signal<Timeline | undefined>(undefined);
  /** The username of a conversation that is about to begin. */
  readonly to = signal("");
  /** The name under To of which the server has said that nobody has it. */
  readonly unknown = signal<string | undefined>(undefined);
  readonly begun: Begun;
  readonly #host: ReadingHost;
  /** The conversation that the address has named and that is not there yet: a notification may be faster than its message. */
  #awaited: string | undefined;

  constructor(host: ReadingHost) {
    this.#host = host;
    this.begun = new Begun({ ...host, timeline: () => this.timeline.value });
  }

  /**
   * Shows the conversation that was on the screen before a reload, and follows the address and the reader from now on.
   */
  start(loaded: Promise<void>): void {
    const { life } = this.#host;
    life.addEventListener(
      "abort",
      effect(() => this.markSeen()),
    );
    inBackground(this.#restore(loaded));
    onRoute(() => inBackground(this.#follow()), life);
  }

  /** Opens a conversation. */
  async open(peerId: string): Promise<void> {
    const { database, drafts } = this.#host;
    const timeline = new Timeline(database, peerId);
    this.#awaited = undefined;
    batch(() => {
      this.to.value = "";
      this.timeline.value = timeline;
    });
    goTo(peerId);
    await drafts.store("", TO);
    const unreadFrom = (await conversationWith(database, peerId))?.unreadFrom;
    await (unreadFrom ? timeline.openAt(unreadFrom) : timeline.openAtEnd());
    inBackground(this.#findUnseen(timeline));
    await Promise.all([this.#markRead(peerId), this.begun.goOn(timeline)]);
  }

  /** Goes back to the list. */
  leave(): void {
    this.timeline.value = undefined;
    goTo(undefined);
  }

  /** Begins a message to a user whose name is being typed. If it cannot be stored, it lasts as long as the tab. */
  address(username: string): void {
    this.to.value = username;
    this.unknown.value = undefined;
    void this.#host.drafts.store(username, TO).catch(() => undefined);
  }

  /** Shows the newest messages of a conversation, if it is open: the person has just written there. */
  async toEnd(peerId: string): Promise<void> {
    const timeline = this.timeline.value;
    if (timeline?.peerId !== peerId) return;
    timeline.divider.value = undefined;
    if (timeline.isAtEnd.value) timeline.pin();
    // The outbox has the message, whether the history can be read or not.
    else await timeline.openAtEnd().catch(() => undefined);
  }

  /** Shows what has just been stored of the open conversation. */
  show({ messages, news, conversations }: Stored): void {
    const awaited = conversations.find(({ peerId }) => peerId === this.#awaited);
    if (awaited !== undefined) inBackground(this.open(awaited.peerId));
    const timeline = this.timeline.value;
    const own = messages.filter(({ conversationId }) => conversationId === timeline?.peerId);
    if (timeline === undefined || own.length === 0) return;
    const arrived = own.filter(({ id }) => news.includes(id)).length;
    if (!this.#isReading(timeline)) {
      const known = conversations.find(({ peerId }) => peerId === timeline.peerId);
      if (known?.unreadFrom) timeline.divider.value = known.unreadFrom.id;
      if (!timeline.isPinned.value) timeline.below.value += arrived;
    }
    timeline.add(own);
    this.begun.follow(timeline, own);
    const fresh = own.filter((message) => news.includes(message.id) && hasReceipts(message, this.#host.ownId));
    addUnseen(
      timeline,
      fresh.map(({ id }) => id),
    );
  }

  /** Messages of the open conversation are on the screen. Those whose senders want to know are noted. */
  see(timeline: Timeline, ids: readonly string[]): void {
    const { database, tabs, tellsRead } = this.#host;
    const unseen = timeline.unseen.value;
    const seen = ids.filter((id) => unseen.has(id));
    if (seen.length === 0 || document.visibilityState !== "visible") return;
    timeline.unseen.value = new Set([...unseen].filter((id) => !seen.includes(id)));
    const work = async () => {
      if (await markSeen(database, seen, tellsRead.value)) tabs.emit({ type: "seen" });
    };
    inBackground(work());
  }

  /** Shows messages that have come anywhere into the history. None of them is new. */
  reload(): void {
    if (this.timeline.value !== undefined) inBackground(this.timeline.value.reload());
  }

  /** Marks what the reader sees as read: what has arrived at the bottom of the open conversation. */
  markSeen(): void {
    const timeline = this.timeline.value;
    const open = this.#host.mirror.conversations.value?.find(({ peerId }) => peerId === timeline?.peerId);
    if (timeline && open && open.unread > 0 && this.#isReading(timeline)) inBackground(this.#markRead(open.peerId));
  }

  async #restore(loaded: Promise<void>): Promise<void> {
    await loaded;
    this.to.value = (await this.#host.drafts.load(TO)).slice(0, LONGEST_NAME);
    if (this.to.value === "") await this.#follow();
  }

  /** Shows the conversation that the address names. */
  async #follow(): Promise<void> {
    const peerId = routed();
    if (peerId === this.timeline.value?.peerId) return;
    const isKnown = peerId !== undefined && (await conversationWith(this.#host.database, peerId)) !== undefined;
    if (isKnown) await this.open(peerId);
    else {
      this.leave();
      this.#awaited = peerId;
    }
  }

  async #findUnseen(timeline: Timeline): Promise<void> {
    addUnseen(timeline, await unseenIn(this.#host.database, timeline.peerId));
  }

  #isReading(timeline: Timeline): boolean {
    // While a name is written under To, the pane shows the conversation that is about to begin.
    const isShown = timeline.messages.value !== undefined && this.to.value.trim() === "";
    return isShown && timeline.isPinned.value && document.visibilityState === "visible";
  }

  async #markRead(peerId: string): Promise<void> {
    inBackground(clearNotifications(peerId));
    const line = await markRead(this.#host.database, peerId, this.#host.ownId);
    if (line === undefined) return;
    this.#host.tabs.emit({ type: "changed" });
    this.#host.onRead(line);
  }
}

function addUnseen({ unseen }: Timeline, ids: readonly string[]): void {
  if (ids.length > 0) unseen.value = new Set([...unseen.value, ...ids]);
}
