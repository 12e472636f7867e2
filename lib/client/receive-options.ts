import type { Message } from "./message.ts";
import type { OnRetry } from "./retry.ts";
import type { Typing } from "./typing.ts";

/**
 * Where a receiver stands: a plain JSON value. Save it and give it to the next `receive`: nothing is lost or repeated.
 */
export interface InboxState {
  /** The receipt to show next. */
  readonly receipt: string;
  /** The messages processed last, as `senderId/messageId`. If their batch is redelivered, they are skipped. */
  readonly recent: readonly string[];
  /**
   * The device that the receipt belongs to. On another device `receive` begins a new chain of receipts, and still skips
   * the messages in `recent`.
   */
  readonly deviceId?: string | undefined;
}

/**
 * The waits between syncs that find nothing, in milliseconds. They may be changed at any time, say when a page is
 * hidden.
 */
export interface Poll {
  /** The first wait after a message. */
  min: number;
  /** Waits grow up to this. */
  max: number;
}

/**
 * How the inbox learns of messages. `live`: at once, by a WebSocket. `polling`: there is none. `connecting`: it is not
 * known yet. `offline`: the server cannot be reached.
 */
export type ConnectionState = "connecting" | "live" | "polling" | "offline";

/** Options of `receive`. */
export interface ReceiveOptions {
  /** Where to go on. Default: where this client stopped, or else the receipt of the login. */
  readonly state?: InboxState | undefined;
  /**
   * Called, and waited for, after each processed message and before the acknowledgement that depends on it. If it
   * throws, so does the loop, and the message is redelivered.
   */
  readonly onState?: (state: InboxState) => void | Promise<void>;
  /** Ends the loop as if no further message came. */
  readonly signal?: AbortSignal;
  /** The most messages of a batch, 1 to 100. */
  readonly limit?: number;
  /**
   * `false`: the loop ends when all messages are processed and acknowledged, and throws when syncs fail for longer than
   * the client's `retry.giveUpAfter`. Default: `true`, it goes on without an end.
   */
  readonly follow?: boolean;
  /**
   * Default: 250 ms to 5 s. With a WebSocket it polls within seconds while people talk, and at least every 5 minutes,
   * in case a wake is lost.
   */
  readonly poll?: Partial<Poll>;
  /**
   * `true`: the messages that the user sent from other devices come as well, see {@link isOwnCopy}. Default: `false`;
   * they are skipped and acknowledged, so that a bot does not answer itself.
   */
  readonly ownCopies?: boolean;
  /**
   * `true`: quiet messages come as well, such as reactions, edits, deletions and receipts. Default: `false`; they are skipped
   * and acknowledged, so that a bot answers none of them.
   */
  readonly quiet?: boolean;
  /**
   * `true`: a sender is told once a message is processed, see {@link Receipts}; what happens within 5 seconds is one message to
   * a person. A user who is blocked is told nothing: for that the loop asks `GET /blocks` before a receipt, once a minute at most.
   * Default: `false`. A program that also tells what was read has {@link Receipts} of its own instead.
   */
  readonly receipts?: boolean;
  /**
   * Called with messages that come over the WebSocket before their sync, one at a time. Give it if the program stores
   * messages durably by `senderId` and `messageId`, and shows none twice: store the message there, and show it unless it is
   * there already. The loop yields the same message all the same, up to some seconds later, since a preview settles
   * nothing. Previews may be lost, doubled or out of order. Quiet messages come here whatever `quiet` says, and their sync
   * may be much later.
   *
   * If it throws, the message counts as not shown, and the client syncs at once. Without it previews are wakes. The shared
   * device gets none.
   */
  readonly onPreview?: (message: Message) => void | Promise<void>;
  /**
   * Called when a user begins to type, and when that is over: 6 seconds after the last frame, when a message of that user comes,
   * or when the WebSocket or the loop ends. It needs a WebSocket. {@link Inbox.typing} tells the other side.
   */
  readonly onTyping?: (typing: Typing) => void;
  /**
   * Called, and waited for, when this device has missed messages: too many were waiting for it.
   * The user's other devices may have them. If it throws, so does the loop, and the next loop is told again. Default: a
   * warning on the console.
   */
  readonly onMissed?: () => void | Promise<void>;
  /** Called with each new state of the connection, see {@link Inbox.connection}. */
  readonly onConnection?: (state: ConnectionState) => void;
  /** Called when a sync has failed and will be repeated. */
  readonly onRetry?: OnRetry;
}
