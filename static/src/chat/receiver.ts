import {
  type Batch,
  Client,
  type Inbox,
  type Message,
  ProblemError,
  realTiming,
  retrying,
  Sleeper,
  steadily,
} from "../../../lib/client/index.ts";
import { inboxState, storeBatch } from "../storage/batches.ts";
import type { Stored } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import type { Connection } from "./connection.ts";
import { explain } from "./explain.ts";

/** Milliseconds between syncs that find nothing: the longest, while somebody looks and while nobody does. */
const POLL = { visible: 3_000, hidden: 30_000 };

/** Milliseconds until the next try after something that does not pass by itself. */
const PAUSE = 15_000;

/** A client that tells how its syncs go. */
export class WatchedClient extends Client {
  onSync: (batch: Batch) => void = () => {};

  override async sync(...options: Parameters<Client["sync"]>): Promise<Batch> {
    const batch = await super.sync(...options);
    this.onSync(batch);
    return batch;
  }
}

const isExpiry = (error: unknown): boolean => error instanceof ProblemError && error.status === 401;

/** What a {@link Receiver} needs. */
export interface ReceiverHost {
  readonly client: WatchedClient;
  readonly database: Database;
  readonly ownId: string;
  readonly connection: Connection;
  /** Messages are in the history now. `isBacklog`: they had been waiting since before this page was connected. */
  onStored(stored: Stored, isBacklog: boolean): void;
  /** They could not be stored, so they stay on the server; undefined: all is well again. */
  onStorage(problem: string | undefined): void;
  /** 401: the session is over. */
  onExpired(): void;
}

/** Gets messages and stores them. The server is told that it may delete a batch only after that. */
export class Receiver {
  readonly #host: ReceiverHost;
  readonly #sleeper = new Sleeper();
  #inbox: Inbox | undefined;
  #isCaughtUp = false;
  /** Undefined: nothing yet. The leader before this one may have told of a problem, which only storing disproves. */
  #reported: { readonly storageProblem: string | undefined } | undefined;

  constructor(host: ReceiverHost) {
    this.#host = host;
  }

  /** Asks the server now. */
  wake(): void {
    this.#inbox?.wake();
    this.#sleeper.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    document.addEventListener("visibilitychange", () => this.#setPollRate(), { signal });
    const attempt = async () => {
      if (!signal.aborted) await this.#receive(signal);
    };
    await retrying(attempt, {
      policy: steadily(PAUSE, ({ error }) => !signal.aborted && !isExpiry(error)),
      timing: realTiming,
      onRetry: (error) => {
        if (error instanceof ProblemError) this.#host.connection.refused(explain(error));
        else this.#reportStorage(explain(error));
      },
      sleep: ({ backoff }) => this.#sleeper.sleep(backoff, signal),
    }).catch(() => {
      if (!signal.aborted) this.#host.onExpired();
    });
  }

  async #receive(signal: AbortSignal): Promise<void> {
    const { client, database, ownId, connection, onStored } = this.#host;
    let stored = await inboxState(database);
    let held: Message[] = [];
    // What the first syncs bring, up to one that says there is no more, has been waiting: a backlog.
    let isNext = false;
    client.onSync = ({ more }) => {
      this.#isCaughtUp = isNext;
      isNext = !more;
      connection.succeeded();
    };
    const inbox = client.receive({
      state: stored,
      signal,
      onConnection: (state) => connection.setPolling(state === "polling"),
      onRetry: (error, delay) => {
        isNext = false;
        connection.failed(error, delay);
      },
      // The receipt changes with the last message of a batch: the batch is stored as one, before it is shown.
      onState: async (state) => {
        if (state.receipt === stored?.receipt) return;
        const fresh = await storeBatch(database, ownId, held, state);
        stored = state;
        held = [];
        this.#reportStorage(undefined);
        if (fresh.messages.length > 0) onStored(fresh, !this.#isCaughtUp);
      },
    });
    this.#inbox = inbox;
    this.#setPollRate();
    for await (const message of inbox) held.push(message);
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
