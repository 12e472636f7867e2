import type { Session } from "../../../lib/client/index.ts";
import { MOVE_PAUSE, moveToOwnDevice } from "./moving.ts";
import { serve, type WorkHost } from "./work.ts";

/** What {@link Leading} needs. */
interface LeadingHost extends Omit<WorkHost, "onExpired"> {
  /** The session as it is now. */
  session(): Session;
  /** The session goes on under another token, on a device of its own. */
  onMoved(session: Session): void;
  /** Called with the token of a session that is over. */
  onExpired(token: string): void;
}

/** The work of the leading tab, on a device of its own. */
export class Leading {
  readonly #host: LeadingHost;
  #isWorking = false;

  constructor(host: LeadingHost) {
    this.#host = host;
  }

  /** Whether this tab talks to the server. */
  get isWorking(): boolean {
    return this.#isWorking;
  }

  /**
   * Works until the signal is aborted or the session is over. It begins with a device of its own, if the session has none. Where
   * this could not be done, the work is interrupted for another attempt.
   */
  async work(signal: AbortSignal): Promise<void> {
    const { client, tabs, onMoved } = this.#host;
    this.#isWorking = true;
    try {
      for (let isDone = false; !isDone && !signal.aborted; ) {
        const move = await moveToOwnDevice(client, onMoved);
        // The chat may have been closed meanwhile.
        if (signal.aborted) return;
        isDone = move === "done";
        if (move !== "again") tabs.emit({ type: "sharing", isSharing: move === "full" });
        await this.#serve(isDone, signal);
      }
    } finally {
      this.#isWorking = false;
    }
  }

  /** @param isFinal Whether the work goes on without an end. */
  async #serve(isFinal: boolean, signal: AbortSignal): Promise<void> {
    const { onExpired, ...host } = this.#host;
    const { token } = host.session();
    const term = new AbortController();
    const pause = isFinal ? undefined : setTimeout(() => term.abort(), MOVE_PAUSE);
    // An attempt whose answer was lost may have ended the old token. The next one finds out.
    const onEnd = () => (isFinal ? onExpired(token) : term.abort());
    try {
      await serve({ ...host, onExpired: onEnd }, AbortSignal.any([signal, term.signal]));
    } finally {
      clearTimeout(pause);
    }
  }
}
