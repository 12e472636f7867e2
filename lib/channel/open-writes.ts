import { Unavailable } from "../runtime/errors.ts";
import type { Advance } from "./decision.ts";
import { fateOf, type Head } from "./head.ts";

/** The writes of the head of one sync whose answers were lost: each may have applied, and may yet arrive. */
export class OpenWrites {
  readonly #isSettling: boolean;
  #writes: readonly Advance[] = [];

  /** @param ack The one that the sync shows. Without it each of its writes settles messages. */
  constructor(ack: string | undefined) {
    this.#isSettling = ack === undefined;
  }

  add(write: Advance): void {
    this.#writes = [...this.#writes, write];
  }

  /**
   * Reads from the head as it is now which of the writes applied. Those that may yet arrive stay open.
   *
   * @returns The one that applied, if one did.
   * @throws {Unavailable} Nobody can tell any more. To go on would hand out other messages, and drop in silence those that
   * the write may have settled.
   */
  resolve({ lineage }: Head): Advance | undefined {
    const fates = Map.groupBy(this.#writes, ({ write, base }) => fateOf(write, base, lineage));
    const [applied] = fates.get("applied") ?? [];
    if (applied) return applied;
    if (this.#isSettling && fates.has("forgotten")) throw new Unavailable("the fate of a settling write is unknown");
    this.#writes = fates.get("open") ?? [];
    return undefined;
  }

  /**
   * To be called before a sync answers that it has taken nothing. A settling write that arrives after such an answer would
   * take its messages along in silence.
   *
   * @throws {Unavailable} One of the sync's own settling writes may still arrive.
   */
  requireNone(): void {
    if (this.#isSettling && this.#writes.length > 0) throw new Unavailable("a settling write may still arrive");
  }
}
