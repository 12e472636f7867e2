/** A message whose receiver is still being looked up. It has left its box. */
export interface FirstMessage {
  /** The receiver's name, as it was typed. */
  readonly username: string;
  readonly content: string;
  /** The outbox has it, and no draft has its text any more. */
  isStored: boolean;
  /** It could not be sent, and no box shows it yet. */
  hasFailed: boolean;
}

/**
 * The messages of this tab whose receivers are being looked up. Until the outbox has such a message, its text stays the
 * beginning of the stored draft, so that a reload finds it. No box shows that beginning, and it is not moved with the
 * draft to a conversation.
 */
export class FirstMessages {
  #messages: readonly FirstMessage[] = [];

  /** The beginning of the stored draft. */
  get draftStart(): string {
    return textOf(this.#messages.filter(({ isStored }) => !isStored));
  }

  add(username: string, content: string): FirstMessage {
    const message = { username, content, isStored: false, hasFailed: false };
    this.#messages = [...this.#messages, message];
    return message;
  }

  /** Removes a message that the outbox has, once its receiver is shown. */
  remove(message: FirstMessage): void {
    this.#messages = this.#messages.filter((other) => other !== message);
  }

  /** Whether a message to this name is on its way. */
  has(username: string): boolean {
    return this.#messages.some((message) => message.username === username && !message.hasFailed);
  }

  /** Removes the messages that could not be sent. @returns their text, for the box that asks for it */
  removeFailed(): string {
    const failed = this.#messages.filter(({ hasFailed }) => hasFailed);
    this.#messages = this.#messages.filter(({ hasFailed }) => !hasFailed);
    return textOf(failed);
  }
}

const textOf = (messages: readonly FirstMessage[]): string => messages.map(({ content }) => content).join("");
