import { conversationOf, type Message, ownChangesIn, type Receipts } from "../lib/client/index.ts";

interface ChatReceiptsOptions {
  /** Undefined: nobody is told what was read. */
  readonly receipts: Receipts | undefined;
  /** Whether the user's setting lets anybody know now what was read. */
  tellsRead(): boolean;
  readonly ownId: string;
  /** The id of the conversation that the chat is in. */
  readonly placeId: string;
  /** The ids of users to whom nothing goes. */
  readonly blocked: ReadonlySet<string>;
}

/** What a person has written. A reaction, an edit or a deletion answers nothing, and a group's event is the server's. */
const WRITTEN = new Set<string | undefined>([undefined, "text", "file"] satisfies Message["type"][]);

/**
 * Tells the other side what was read in a chat. A stranger is told nothing: what was shown is told once the user has written in
 * the conversation.
 */
export class ChatReceipts {
  readonly #options: ChatReceiptsOptions;
  #shown: Message[] = [];
  #isAnswered = false;

  constructor(options: ChatReceiptsOptions) {
    this.#options = options;
  }

  /** Whether the other side is told that the user is typing: once the user has written there, and if that person is not blocked. */
  get tellsTyping(): boolean {
    const { blocked, placeId } = this.#options;
    return this.#isAnswered && !blocked.has(placeId);
  }

  /** A message that has come. Those of the chat's conversation were read. */
  shown(message: Message): void {
    const { receipts, ownId, placeId, blocked } = this.#options;
    this.#followSetting();
    if (this.#isAnswer(message)) this.answered();
    if (receipts?.tellsRead !== true || blocked.has(message.senderId)) return;
    if (conversationOf(message, ownId) !== placeId) return;
    if (this.#isAnswered) receipts.read([message]);
    else this.#shown.push(message);
  }

  /** The user has written in the conversation. */
  answered(): void {
    this.#isAnswered = true;
    this.#followSetting();
    this.#options.receipts?.read(this.#shown);
    this.#shown = [];
  }

  /** The setting may have changed. What was read while it was off is not told later. */
  #followSetting(): void {
    const { receipts, tellsRead } = this.#options;
    if (receipts === undefined) return;
    receipts.tellsRead = tellsRead();
    if (!receipts.tellsRead) this.#shown = [];
  }

  /** Whether another device of the user has written in the conversation, or has accepted it. */
  #isAnswer(message: Message): boolean {
    const { ownId, placeId } = this.#options;
    if (message.senderId !== ownId) return false;
    if (message.type === "own") return ownChangesIn(message)[placeId]?.accepted === true;
    return WRITTEN.has(message.type) && conversationOf(message, ownId) === placeId;
  }
}
