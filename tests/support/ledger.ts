import type { Message } from "../../lib/client/index.ts";

/** What names a message: two senders may use the same `messageId`. */
type Identity = Pick<Message, "senderId" | "messageId">;

/** How what was received differs from what senders were told. Messages are named by their content. */
export interface Verdict {
  /** Answered 202, and never delivered. */
  readonly missing: readonly string[];
  /** Delivered more than once. */
  readonly repeated: readonly string[];
  /** Delivered with another content, or never sent. */
  readonly foreign: readonly string[];
}

/** The verdict when each message that a sender was told of arrived exactly once. */
export const EXACTLY_ONCE: Verdict = { missing: [], repeated: [], foreign: [] };

/** What senders were told, and what receivers got. */
export class Ledger {
  readonly #told = new Map<string, string>();
  readonly #taken: Message[] = [];

  /** A sender was told that the server has its message. */
  tell(message: Identity, content: string): void {
    this.#told.set(keyOf(message), content);
  }

  /** A receiver has got a message for good. */
  take(...messages: readonly Message[]): void {
    this.#taken.push(...messages);
  }

  /** How many messages senders were told of. */
  get told(): number {
    return this.#told.size;
  }

  /** Everything that was received, in that order. */
  get taken(): readonly Message[] {
    return this.#taken;
  }

  verdict(): Verdict {
    const seen = new Set<string>();
    const repeated: string[] = [];
    const foreign: string[] = [];
    for (const message of this.#taken) {
      const key = keyOf(message);
      if (this.#told.get(key) !== message.content) foreign.push(message.content);
      if (seen.has(key)) repeated.push(message.content);
      seen.add(key);
    }
    const missing = [...this.#told].filter(([key]) => !seen.has(key)).map(([, content]) => content);
    return { missing, repeated, foreign };
  }
}

const keyOf = ({ senderId, messageId }: Identity): string => `${senderId}/${messageId}`;
