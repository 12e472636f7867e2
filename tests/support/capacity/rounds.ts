import { setImmediate as turn } from "node:timers/promises";

/** Turns of the event loop in which nothing begins: what an answer sets going begins in the first. */
const QUIET_TURNS = 5;

/**
 * Counts round trips by what depends on what, and by no clock: all calls of a round are answered at the same moment, once
 * everything has begun that needs none of these answers. So a call of the second round is one that waited for an answer of the first.
 * On a clock, a call that begins late on a busy machine looks as if it had waited for one that was answered early.
 *
 * Work off the event loop's thread between two calls, as WebCrypto's, is not waited for.
 */
export class Rounds {
  #round = 1;
  #begun = 0;
  #underWay = 0;
  #held: (() => void)[] = [];

  /** Makes a call in the current round, and holds its outcome back until that round ends. */
  async hold<T>(call: (round: number) => Promise<T>): Promise<T> {
    this.#begun += 1;
    this.#underWay += 1;
    try {
      return await call(this.#round);
    } finally {
      this.#underWay -= 1;
      await new Promise<void>((resolve) => {
        this.#held.push(resolve);
        if (this.#underWay === 0) void this.#endOnceQuiet();
      });
    }
  }

  async #endOnceQuiet(): Promise<void> {
    const begun = this.#begun;
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await turn();
      // The last of those that have begun since ends the round.
      if (this.#begun !== begun) return;
    }
    const held = this.#held;
    this.#held = [];
    this.#round += 1;
    for (const release of held) release();
  }
}
