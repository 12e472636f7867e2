import {
  type Batch,
  Client,
  type Inbox,
  type InboxState,
  type Message,
  ProblemError,
  retrying,
  Sleeper,
  steadily,
  type Typing,
} from "../../../lib/client/index.ts";
import { inboxState, storeBatch, storePreview } from "../storage/batches.ts";
import { isChange, type Stored } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import type { Connection } from "./connection.ts";
import { explain, isExpiry } from "./explain.ts";

/** The longest time between syncs that find nothing, in milliseconds, for a visible page and for a hidden one. */
const POLL = { visible: 3_000, hidden: 30_000 };

/** Milliseconds until the next attempt after a failure that does not pass by itself. */
const PAUSE = 15_000;

/** A client that tells of its successful syncs. */
export class WatchedClient extends Client {
  onSync: (batch: Batch) => void = () => {};

  override async sync(...options: Parameters<Client["sync"]>): Promise<Batch> {
    const batch = await super.sync(...options);
    this.onSync(batch);
    return batch;
  }
}

/** What a {@link Receiver} needs. */
export interface ReceiverHost {
  readonly client: WatchedClient;
  readonly database: Database;
  readonly ownId: string;
  readonly connection: Connection;
  /** Called until it succeeds once, before anything is received. */
  onBegin(): Promise<void>;
  /** The history has changed. `isBacklog`: they were sent before this page was connected. */
  onStored(stored: Stored, isBacklog: boolean): void;
  /** A user begins to type, or has ended. */
  onTyping(typing: Typing): void;
  /** The server took no more messages for this device, and its other devices may have them. */
  onMissed(): Promise<void>;
  /** Messages could not be stored, so they stay on the server. Undefined: they can be stored again. */
  onStorage(problem: string | undefined): void;
  /** 401: the session is over. */
  onExpired(): void;
}

/** Receives messages and stores them. A batch is acknowledged only after that. */
export class Receiver {
  readonly #host: ReceiverHost;
  readonly #sleeper = new Sleeper();
  #inbox: Inbox | undefined;
  #hasBegun = false;
  #isCaughtUp = false;
  /** Whether the last attempt was stopped by the storage before it could receive anything. */
  #isStopped = false;
  /** Undefined: nothing was reported yet. An earlier leader may have reported a problem, which only a success ends. */
  #reported: { readonly storageProblem: string | undefined } | undefined;

  constructor(host: ReceiverHost) {
    this.#host = host;
  }

  /** Asks the server now. */
  wake(): void {
    this.#inbox?.wake();
    this.#sleeper.wake();
  }

  /** Tells the other side of a conversation that the user is typing, if there is a WebSocket. */
  typing(toId: string): void {
    this.#inbox?.typing(toId);
  }

  /**
   * Receives until the signal is aborted or the session is over. A failure is told to the host, and followed by another
   * attempt.
   *
   * @throws what the host throws when a failure is told to it
   */
  async run(signal: AbortSignal): Promise<void> {
    document.addEventListener("visibilitychange", () => this.#onVisibility(), { signal });
    // The browser may stop a hidden page at any time, and its timers.
    addEventListener("pagehide", () => this.#inbox?.settle(), { signal });
    const attempt = async () => {
      if (!signal.aborted) await this.#receive(signal);
    };
    await retrying(attempt, {
      policy: steadily(PAUSE, ({ error }) => !signal.aborted && !isExpiry(error)),
      onRetry: (error) => {
        if (error instanceof ProblemError) this.#host.connection.refused(explain(error));
        else this.#reportStorage(explain(error));
      },
      signal,
      sleeper: this.#sleeper,
    }).catch((error: unknown) => {
      if (signal.aborted) return;
      if (!isExpiry(error)) throw error;
      this.#host.onExpired();
    });
  }

  async #receive(signal: AbortSignal): Promise<void> {
    const { client, database, ownId, connection, onMissed, onTyping } = this.#host;
    let stored = await this.#begin();
    let held: Message[] = [];
    // The first syncs, up to one that says that there is no more, bring the backlog.
    let isNext = false;
    client.onSync = ({ more }) => {
      this.#isCaughtUp = isNext;
      isNext = !more;
      connection.succeeded();
    };
    // A user's only device keeps its channel when it is logged out and in again, under another id. There the receipt
    // settles what is stored here, which would else be held for the lease. On any other channel it means nothing.
    const state = stored && { ...stored, deviceId: client.session?.deviceId };
    const inbox = client.receive({
      state,
      signal,
      ownCopies: true,
      quiet: true,
      onMissed,
      onTyping,
      onConnection: (state) => connection.setPolling(state === "polling"),
      onRetry: (error, delay) => {
        isNext = false;
        connection.failed(error, delay);
      },
      // The receipt changes with the last message of a batch. So the batch is stored as a whole before it is shown.
      onState: async (state) => {
        // A session that got a device of its own goes on with the receipt that it has.
        if (state.receipt === stored?.receipt && state.deviceId === stored.deviceId) return;
        const fresh = await storeBatch(database, ownId, held, state);
        stored = state;
        held = [];
        this.#reportStorage(undefined);
        this.#tell(fresh, !this.#isCaughtUp);
      },
      onPreview: async (message) => this.#tell(await storePreview(database, ownId, message), false),
    });
    this.#inbox = inbox;
    this.#setPollRate();
    for await (const message of inbox) held.push(message);
  }

  /** @returns the state of the inbox */
  async #begin(): Promise<InboxState | undefined> {
    const wasStopped = this.#isStopped;
    this.#isStopped = true;
    if (!this.#hasBegun) await this.#host.onBegin();
    this.#hasBegun = true;
    const state = await inboxState(this.#host.database);
    this.#isStopped = false;
    // There may be nothing to store for a long time.
    if (wasStopped) this.#reportStorage(undefined);
    return state;
  }

  #tell(fresh: Stored, isBacklog: boolean): void {
    if (isChange(fresh)) this.#host.onStored(fresh, isBacklog);
  }

  #onVisibility(): void {
    this.#setPollRate();
    if (document.visibilityState === "hidden") this.#inbox?.settle();
  }

  #reportStorage(storageProblem: string | undefined): void {
    if (this.#reported !== undefined && this.#reported.storageProblem === storageProblem) return;
    this.#reported = { storageProblem };
    this.#host.onStorage(storageProblem);
  }

  #setPollRate(): void {
    if (this.#inbox) this.#inbox.poll.max = POLL[document.visibilityState];
  }
}
