import { attempt } from "./safely.ts";

/**
 * Drafts that are being written to the database. A reload aborts writes that have not begun, which on a busy machine
 * are many keys. Then these drafts wait in the tab's own storage, which is written at once.
 */
export class UnstoredDrafts {
  readonly #key: string;
  readonly #drafts = new Map<string, string>();

  constructor(userId: string, life: AbortSignal) {
    this.#key = `gotalk.unstored.${userId}`;
    addEventListener("pagehide", () => this.#keep(), { signal: life });
  }

  /** The drafts that this tab had before a reload, by receiver. Returns each of them once. */
  recover(): readonly (readonly [peerId: string, text: string])[] {
    const stored = attempt(() => JSON.parse(sessionStorage.getItem(this.#key) ?? "[]")) as unknown;
    attempt(() => sessionStorage.removeItem(this.#key));
    return Array.isArray(stored) ? stored.filter(isDraft) : [];
  }

  /** Keeps a text until the work that stores it has succeeded. */
  async during<T>(peerId: string, text: string, work: Promise<T>): Promise<T> {
    this.#drafts.set(peerId, text);
    const result = await work;
    if (this.#drafts.get(peerId) === text) this.#drafts.delete(peerId);
    return result;
  }

  #keep(): void {
    if (this.#drafts.size > 0) attempt(() => sessionStorage.setItem(this.#key, JSON.stringify([...this.#drafts])));
  }
}

const isDraft = (entry: unknown): entry is [string, string] =>
  Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "string";
