import {
  askedDelay,
  type Client,
  isPassing,
  keyOf,
  LARGEST_GROUP,
  NetworkError,
  type Outgoing,
  ProblemError,
  Receipts,
  realTiming,
} from "../../../lib/client/index.ts";
import type { Untold } from "../storage/records.ts";
import type { Database } from "../storage/stores.ts";
import { deleteUntold, keepSecret, markTold, untoldIn } from "../storage/untold.ts";

/** What a {@link Telling} needs. */
export interface TellingHost {
  readonly client: Pick<Client, "send">;
  readonly database: Database;
  readonly ownId: string;
  /** Whether there is no network. */
  isOffline(): boolean;
  /** The setting "Read receipts". */
  tellsRead(): Promise<boolean>;
  /** The ids of those among these conversations that are requests: nothing goes back to strangers. */
  requestsAmong(conversationIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The ids of the people whom the user has blocked. */
  blocked(): Promise<{ has(userId: string): boolean }>;
  /** How many members a group has. Undefined: it is not known here. */
  sizeOf(groupId: string): Promise<number | undefined>;
}

/** Milliseconds between two looks where many messages come: then one look finds many of them. */
const PAUSE = 1_000;

/** Milliseconds until the next look after one that failed. */
const RETRY = 15_000;

/** As many records are read within a frame. */
const MANY = 200;

/**
 * Tells senders that their messages were delivered and read. What is to be told is stored with the messages, and is told once
 * more if a page is closed before it knows that it was told.
 */
export class Telling {
  readonly #host: TellingHost;
  readonly #life: AbortSignal;
  readonly #receipts: Receipts;
  readonly #sizes = new Map<string, number | undefined>();
  /** What the receipts have taken last and not told yet, by the ids of messages. */
  readonly #handed = new Map<string, Untold["toTell"]>();
  #scanned: Promise<void> = Promise.resolve();
  #isAsked = false;

  constructor(host: TellingHost, life: AbortSignal) {
    this.#host = host;
    this.#life = life;
    this.#receipts = new Receipts({
      timing: realTiming,
      ownId: host.ownId,
      send: (receipt) => this.#send(receipt),
      membersOf: (groupId) => this.#sizes.get(groupId),
    });
    life.addEventListener("abort", () => this.#receipts.end());
  }

  /** Looks for what is to be told now. What cannot be read or found out now is found by a later look. */
  scan(): void {
    // One that is about to begin finds it.
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#scanned = this.#scanned.then(async () => {
      this.#isAsked = false;
      const found = this.#life.aborted ? 0 : await this.#scan().catch(() => this.#scanLater());
      if (found > MANY) await realTiming.sleep(PAUSE, this.#life);
    });
  }

  /** Tells at once what is to be told: the page may be closed. */
  flush(): void {
    void this.#receipts.flush();
  }

  #scanLater(): number {
    void realTiming.sleep(RETRY, this.#life).then(() => this.scan());
    return 0;
  }

  /** @returns how many records there were */
  async #scan(): Promise<number> {
    const { database, tellsRead, requestsAmong } = this.#host;
    const found = await untoldIn(database);
    const isOpen = await tellsRead();
    this.#receipts.tellsRead = isOpen;
    if (!isOpen && (await this.#keepSecret(found))) return found.length;
    const untold = found.filter(({ id, toTell }) => this.#handed.get(id) !== toTell);
    if (untold.length === 0) return found.length;
    const requests = await requestsAmong([...new Set(untold.map(({ conversationId }) => conversationId))]);
    const wanted = await this.#withoutBlocked(untold.filter(({ conversationId }) => !requests.has(conversationId)));
    const ready = await this.#withoutLarge(wanted);
    for (const { id, toTell } of ready) this.#handed.set(id, toTell);
    // What was read is told as that alone.
    this.#receipts.delivered(ready);
    this.#receipts.read(ready.filter(({ toTell }) => toTell === "read"));
    return found.length;
  }

  /** @returns whether something was to be told that is a secret now; the next look finds what is left of it */
  async #keepSecret(found: readonly Untold[]): Promise<boolean> {
    const ids = found.filter(({ toTell }) => toTell === "read").map(({ id }) => id);
    if (ids.length === 0) return false;
    await keepSecret(this.#host.database, ids);
    this.scan();
    return true;
  }

  async #withoutBlocked(untold: readonly Untold[]): Promise<readonly Untold[]> {
    if (untold.length === 0) return untold;
    const blocked = await this.#host.blocked();
    return this.#without(untold, ({ senderId }) => blocked.has(senderId));
  }

  /** Leaves out groups that are too large, and for now those whose size is not known. */
  async #withoutLarge(untold: readonly Untold[]): Promise<readonly Untold[]> {
    const groups = new Set(
      untold.filter(({ conversationId: id, senderId }) => id !== senderId).map((one) => one.conversationId),
    );
    for (const id of groups) this.#sizes.set(id, await this.#host.sizeOf(id));
    const sizeOf = ({ conversationId: id }: Untold) => (groups.has(id) ? this.#sizes.get(id) : 0);
    const small = await this.#without(untold, (one) => (sizeOf(one) ?? 0) > LARGEST_GROUP);
    return small.filter((one) => sizeOf(one) !== undefined);
  }

  /** Leaves messages out for good: nothing is told of them later. @returns the others */
  async #without(untold: readonly Untold[], isLeftOut: (one: Untold) => boolean): Promise<readonly Untold[]> {
    const leftOut = untold.filter(isLeftOut);
    if (leftOut.length === 0) return untold;
    await deleteUntold(
      this.#host.database,
      leftOut.map(({ id }) => id),
    );
    return untold.filter((one) => !leftOut.includes(one));
  }

  async #send(receipt: Outgoing): Promise<void> {
    const { client, isOffline } = this.#host;
    try {
      if (isOffline()) throw new NetworkError("There is no network.");
      await client.send(receipt);
    } catch (error) {
      // The end of the session says nothing of the receiver.
      const isOver = this.#life.aborted || (error instanceof ProblemError && error.status === 401);
      if (!isOver && !isPassing(error)) await this.#storeOutcome(receipt);
      else await realTiming.sleep(askedDelay(error), this.#life);
      throw error;
    }
    await this.#storeOutcome(receipt);
  }

  /** Notes that a receipt is sent, or that its receiver does not take it. */
  async #storeOutcome({ to, type, content }: Outgoing): Promise<void> {
    const what = type === "read" ? "read" : "delivered";
    const ids = (JSON.parse(content) as readonly string[]).map((messageId) => keyOf({ senderId: to, messageId }));
    // If the storage fails, it is told once more, when the page is opened again.
    const isNoted = await markTold(this.#host.database, ids, what).then(
      () => true,
      () => false,
    );
    if (!isNoted) return;
    // It may have been read while it was told that it was delivered.
    for (const id of ids) if (this.#handed.get(id) === what) this.#handed.delete(id);
  }
}
