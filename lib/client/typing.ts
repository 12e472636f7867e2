import { asObject, asText } from "../contract/json.ts";
import type { Timing } from "./timing.ts";

/** A user who is typing, and the conversation. */
export interface Typist {
  readonly senderId: string;
  /** The group that it is for. Absent: it is for this user. */
  readonly toId?: string;
}

/** A user begins to type, or has ended. */
export interface Typing extends Typist {
  readonly isTyping: boolean;
}

/** How long a user counts as typing after the last frame. The server relays one in 3 seconds. */
const TYPING_MS = 6_000;

/** More than the server's 3 seconds: a frame that is late must not make the next one come too early. */
const TELL_MS = 4_000;

/** Accepts a frame of a user who is typing. */
export function readTypist(frame: unknown): Typist | undefined {
  const { senderId, toId } = asObject(frame);
  const [sender, group] = [asText(senderId), asText(toId)];
  if (sender === undefined || group !== toId) return undefined;
  return { senderId: sender, ...(group !== undefined && { toId: group }) };
}

/** Bounds how often the client says that its user is typing. */
export class TypingPace {
  readonly #timing: Pick<Timing, "now">;
  /** When it said so last, by the conversation. */
  readonly #toldAt = new Map<string, number>();

  constructor(timing: Pick<Timing, "now">) {
    this.#timing = timing;
  }

  /** @returns whether the client may say so now; then it counts as said */
  mayTell(toId: string): boolean {
    const now = this.#timing.now();
    for (const [to, at] of this.#toldAt) if (now - at >= TELL_MS) this.#toldAt.delete(to);
    if (this.#toldAt.has(toId)) return false;
    this.#toldAt.set(toId, now);
    return true;
  }
}

interface TypistsHost {
  readonly timing: Pick<Timing, "sleep">;
  tell(typing: Typing): void;
}

/** The users who are typing now. No frame says that a user has ended: users are forgotten. */
export class Typists {
  readonly #host: TypistsHost;
  /** The waits until they are forgotten. */
  readonly #waits = new Map<string, AbortController>();

  constructor(host: TypistsHost) {
    this.#host = host;
  }

  /** A frame has come. */
  hear(typist: Typist): void {
    const key = keyOf(typist);
    const before = this.#waits.get(key);
    before?.abort();
    const wait = new AbortController();
    this.#waits.set(key, wait);
    if (before === undefined) this.#host.tell({ ...typist, isTyping: true });
    void this.#endLater(typist, wait.signal);
  }

  /** The user has ended: a message has come, or no frame for long. */
  end({ senderId, toId }: Typist): void {
    const typist = { senderId, ...(toId !== undefined && { toId }) };
    const wait = this.#waits.get(keyOf(typist));
    if (wait === undefined) return;
    wait.abort();
    this.#waits.delete(keyOf(typist));
    this.#host.tell({ ...typist, isTyping: false });
  }

  /** No frames come any more. */
  endAll(): void {
    for (const key of [...this.#waits.keys()]) this.end(typistOf(key));
  }

  async #endLater(typist: Typist, signal: AbortSignal): Promise<void> {
    await this.#host.timing.sleep(TYPING_MS, signal);
    if (!signal.aborted) this.end(typist);
  }
}

const keyOf = ({ senderId, toId }: Typist): string => JSON.stringify([senderId, toId]);

function typistOf(key: string): Typist {
  const [senderId, toId] = JSON.parse(key);
  return { senderId, ...(toId !== null && { toId }) };
}
