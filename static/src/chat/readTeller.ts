import type { Client } from "../../../lib/client/index.ts";
import { type OwnChanges, untoldReading } from "../storage/own-changes.ts";
import type { Line, Position } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { inBackground } from "./background.ts";

/** Milliseconds until the other devices are told what was read. So many messages that are read at once are told at once. */
const FIRST = 2_000;

/** Milliseconds between two messages that tell it: a talk in which each message is read goes on for long. */
const BETWEEN = 20_000;

/** What a {@link ReadTeller} needs. */
interface ReadTellerHost {
  readonly client: Client;
  readonly database: Database;
  readonly life: AbortSignal;
  /** As `Writing.tellOwn`. */
  tellOwn(changes: OwnChanges): Promise<void>;
}

/**
 * Tells the person's other devices up to where conversations were read in this tab: soon, then seldom, and at once when the tab
 * is hidden or left. What is not told yet is stored, and told by the next tab.
 */
export class ReadTeller {
  readonly #host: ReadTellerHost;
  /** What was read in this tab and not told. */
  readonly #pending = new Map<string, Position>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(host: ReadTellerHost) {
    this.#host = host;
    const { life } = host;
    document.addEventListener("visibilitychange", () => this.#onVisibility(), { signal: life });
    addEventListener("pagehide", () => this.#tellWhileLeaving(), { signal: life });
    life.addEventListener("abort", () => clearTimeout(this.#timer));
    // What was read before a reload.
    this.#tellLater();
  }

  /** A conversation was read: `line` is what is stored of it now. */
  add({ peerId, readHere }: Line): void {
    if (readHere === undefined) return;
    this.#pending.set(peerId, readHere);
    this.#tellLater();
  }

  #tellLater(): void {
    const wait = Math.max(FIRST, this.#toldAt + BETWEEN - performance.now());
    this.#timer ??= setTimeout(() => inBackground(this.#tell()), wait);
  }

  async #tell(): Promise<void> {
    const { database, tellOwn } = this.#host;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pending.clear();
    const changes = await untoldReading(database);
    if (Object.keys(changes).length === 0) return;
    this.#toldAt = performance.now();
    await tellOwn(changes);
  }

  #onVisibility(): void {
    if (document.visibilityState === "hidden" && this.#pending.size > 0) inBackground(this.#tell());
  }

  /** A page that is left has no time to store anything. If this request is lost, the next page tells it. */
  #tellWhileLeaving(): void {
    if (this.#pending.size === 0) return;
    const { client } = this.#host;
    const changes = Object.fromEntries([...this.#pending].map(([peerId, readUpTo]) => [peerId, { readUpTo }]));
    this.#pending.clear();
    const to = client.session?.id ?? "";
    const content = JSON.stringify(changes);
    void client.send({ to, messageId: client.newMessageId(), type: "own", content }).catch(() => undefined);
  }
}
