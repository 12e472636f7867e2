import type { Success } from "./answer.ts";
import { unlessBlocked } from "./blocked.ts";
import { chainOn } from "./chain-on.ts";
import { Inbox } from "./inbox.ts";
import { type Batch, readBatch, type Session, type User } from "./model.ts";
import type { CallOptions, Outgoing, SyncOptions } from "./options.ts";
import type { OwnCalls } from "./own-calls.ts";
import { Receipts } from "./receipts.ts";
import type { InboxState, ReceiveOptions } from "./receive-options.ts";
import { Backoff, type BackoffOptions } from "./retry.ts";
import { liveUrlOf, type WakeSocketHost } from "./wake-socket.ts";

const BATCH: Success<Batch> = { success: 200, read: readBatch };

const proofOf = ({ token, id }: Session) => ({ token, id });

/** What receiving needs. */
interface ReceivingHost {
  readonly own: OwnCalls;
  readonly retry: BackoffOptions;
  /** See `ClientOptions.live`. */
  readonly live: string | false | undefined;
  /** Undefined: receivers poll. */
  readonly WebSocket: typeof WebSocket | undefined;
  /** The client, whose methods a program may override. */
  readonly client: {
    sync(options: SyncOptions): Promise<Batch>;
    send(outgoing: Outgoing): Promise<unknown>;
    blocks(options: CallOptions): Promise<readonly User[]>;
  };
}

/** Receives the messages of the user who is logged in. */
export class Receiving {
  readonly #host: ReceivingHost;
  /** Where the last `receive` of this user stopped. */
  #inbox: { readonly id: string; readonly state: InboxState } | undefined;

  constructor(host: ReceivingHost) {
    this.#host = host;
  }

  /**
   * Syncs once, and does not repeat a failed attempt. Without `ack` the server settles the messages at once: they are
   * lost if its answer is. Most programs use {@link Client.receive}.
   *
   * @example
   * ```ts
   * const { messages, receipt } = await client.sync();
   * for (const { senderName, content } of messages) console.log(`${senderName}: ${content}`);
   * await client.sync({ ack: receipt });
   * ```
   */
  async sync({ ack, limit, signal }: SyncOptions = {}): Promise<Batch> {
    const { calls, session } = this.#host.own;
    const { token, id } = session;
    const call = { method: "POST", path: "/sync", token, body: { id, ack, limit }, ...BATCH } as const;
    // A page that is closed may still acknowledge. Without an ack an answer that nobody reads takes its messages along.
    return calls.once({ ...call, keepalive: ack !== undefined }, signal);
  }

  /**
   * Receives the messages of the user who is logged in, see {@link Inbox}. A WebSocket wakes it where there is one;
   * otherwise it polls. What is delivered does not depend on that. Failed syncs are repeated without an end. Run one
   * loop at a time for a user: a second one with the same state would get the same messages.
   *
   * When the loop ends it closes the WebSocket. Node's own WebSocket waits for the server's answer to that, without a
   * limit: if the server is out of reach, the process lives on until `process.exit()`, unless the client was made with
   * `live: false`.
   *
   * @example
   * ```ts
   * for await (const { senderName, content } of client.receive()) {
   *   console.log(`${senderName}: ${content}`); // acknowledged when the loop asks for the next message
   * }
   * ```
   * @example Over restarts of the process:
   * ```ts
   * const saved = localStorage.getItem("inbox");
   * const inbox = client.receive({
   *   ...(saved !== null && { state: JSON.parse(saved) as InboxState }),
   *   onState: (state) => localStorage.setItem("inbox", JSON.stringify(state)),
   * });
   * for await (const message of inbox) console.log(message.content);
   * ```
   */
  receive(options: ReceiveOptions = {}): Inbox {
    const { own, client, retry } = this.#host;
    const { session } = own;
    const { id } = session;
    const { timing } = own.calls.connection;
    const known = this.#inbox?.id === id ? this.#inbox.state : undefined;
    const policy = options.follow === false ? retry : { ...retry, giveUpAfter: Number.POSITIVE_INFINITY };
    return new Inbox(
      {
        timing,
        retry: new Backoff(policy, timing),
        live: this.#liveOf(session),
        ownId: id,
        state: chainOn(session, options.state ?? known),
        sync: (ack, signal) => client.sync({ ack, limit: options.limit, signal }),
        newReceipts: () => {
          const [blocks, send] = [client.blocks.bind(client), client.send.bind(client)];
          return new Receipts({ timing, ownId: id, send: unlessBlocked({ timing, blocks, send }) });
        },
        save: async (state) => {
          await options.onState?.(state);
          this.#inbox = { id, state };
        },
      },
      options,
    );
  }

  #liveOf(session: Session): Pick<WakeSocketHost, "url" | "WebSocket" | "proof"> | undefined {
    const { own, live, WebSocket: Socket } = this.#host;
    const url = live ?? liveUrlOf(own.calls.connection.url, session.live);
    return url && Socket ? { url, WebSocket: Socket, proof: () => proofOf(own.holder.session ?? session) } : undefined;
  }
}
