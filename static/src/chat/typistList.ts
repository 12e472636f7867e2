import type { Typing, Typist } from "../../../lib/client/index.ts";

/** The users who are typing now. */
export class TypistList {
  current: readonly Typist[] = [];
  readonly #onChange: (typists: readonly Typist[]) => void;

  /** @param onChange Called with all of them, also at once: an earlier leader may have told of some. */
  constructor(onChange: (typists: readonly Typist[]) => void) {
    this.#onChange = onChange;
    onChange(this.current);
  }

  hear({ isTyping, ...typist }: Typing): void {
    const others = this.current.filter(({ senderId, toId }) => senderId !== typist.senderId || toId !== typist.toId);
    this.current = isTyping ? [...others, typist] : others;
    this.#onChange(this.current);
  }
}
