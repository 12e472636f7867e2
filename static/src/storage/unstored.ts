import { type DraftStart, withoutStart } from "./drafts.ts";
import { isSendable, type OutgoingMessage } from "./records.ts";
import { attempt } from "./safely.ts";

/** A message that is being put into the outbox, in place of drafts. */
export interface Leaving {
  readonly message: OutgoingMessage;
  /** The drafts that it takes the place of. */
  readonly draftsOf: readonly string[];
  /** It is this part of the draft. Undefined: all of it. */
  readonly start?: DraftStart | undefined;
}

/** A draft that is being written. Each write has its own, so that an earlier one does not end a later one. */
interface Kept {
  readonly text: string;
}

interface Recovered {
  /** In the order of writing. */
  readonly leaving: readonly Leaving[];
  readonly drafts: readonly (readonly [peerId: string, text: string])[];
}

/**
 * What is being written to the database: drafts, and messages on their way into the outbox. A reload aborts writes that
 * have not begun, which on a busy machine are many keys. Then it waits in the tab's own storage, which is written at once.
 */
export class Unstored {
  readonly #key: string;
  readonly #drafts = new Map<string, Kept>();
  readonly #leaving = new Set<Leaving>();

  constructor(userId: string, life: AbortSignal) {
    this.#key = `gotalk.unstored.${userId}`;
    addEventListener("pagehide", () => this.#keep(), { signal: life });
  }

  /** What this tab had before a reload. Returns it once. */
  recover(): Recovered {
    const stored = attempt(() => JSON.parse(sessionStorage.getItem(this.#key) ?? "null")) as unknown;
    attempt(() => sessionStorage.removeItem(this.#key));
    // An older version of the page has kept drafts alone.
    if (Array.isArray(stored)) return { leaving: [], drafts: stored.filter(isDraft) };
    const { leaving, drafts } = Object(stored) as Readonly<Record<string, unknown>>;
    return {
      leaving: Array.isArray(leaving) ? leaving.filter(isLeaving) : [],
      drafts: Array.isArray(drafts) ? drafts.filter(isDraft) : [],
    };
  }

  /** Keeps a draft until the work that stores it has succeeded. */
  async during<T>(peerId: string, text: string, work: Promise<T>): Promise<T> {
    const kept = { text };
    this.#drafts.set(peerId, kept);
    const result = await work;
    this.#remove(peerId, kept);
    return result;
  }

  /**
   * Keeps a message until the work that puts it into the outbox has succeeded. What is typed meanwhile is a draft of its
   * own. If the work fails, its drafts are kept again as they were, unless there are newer ones.
   */
  async duringLeave<T>(leaving: Leaving, work: Promise<T>): Promise<T> {
    const before = leaving.draftsOf.map((peerId) => [peerId, this.#drafts.get(peerId)] as const);
    const cut = before.map(([peerId, kept]) => [peerId, this.#cut(peerId, kept, leaving.start)] as const);
    this.#leaving.add(leaving);
    try {
      const result = await work;
      for (const [peerId, kept] of cut) this.#remove(peerId, kept);
      return result;
    } catch (error) {
      for (const [index, [peerId, kept]] of before.entries()) {
        if (kept !== undefined && this.#drafts.get(peerId) === cut[index]?.[1]) this.#drafts.set(peerId, kept);
      }
      throw error;
    } finally {
      this.#leaving.delete(leaving);
    }
  }

  /** Takes a message's text out of the draft that is kept. @returns what is kept now */
  #cut(peerId: string, kept: Kept | undefined, start: DraftStart | undefined): Kept | undefined {
    const rest = kept === undefined || start === undefined ? "" : start.after + withoutStart(kept.text, start.before);
    if (rest === "") {
      this.#drafts.delete(peerId);
      return undefined;
    }
    const cut = { text: rest };
    this.#drafts.set(peerId, cut);
    return cut;
  }

  #remove(peerId: string, kept: Kept | undefined): void {
    if (this.#drafts.get(peerId) === kept) this.#drafts.delete(peerId);
  }

  #keep(): void {
    const drafts = [...this.#drafts].map(([peerId, { text }]) => [peerId, text]);
    const leaving = [...this.#leaving];
    const isEmpty = drafts.length === 0 && leaving.length === 0;
    // The page may come back as it was, and be left again.
    if (isEmpty) attempt(() => sessionStorage.removeItem(this.#key));
    else attempt(() => sessionStorage.setItem(this.#key, JSON.stringify({ leaving, drafts })));
  }
}

const isDraft = (entry: unknown): entry is [string, string] =>
  Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "string";

const isLeaving = (entry: unknown): entry is Leaving => {
  const { message, draftsOf } = Object(entry) as Partial<Leaving>;
  return message !== undefined && isSendable(message) && Array.isArray(draftsOf);
};
