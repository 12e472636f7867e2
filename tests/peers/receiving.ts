import type { Journal, Taken } from "./journal.ts";

/** What a receiver does with what it gets. */
export interface Receiving {
  readonly journal: Journal;
  /** To be called when the server knows the receiver: from then on messages wait for it. */
  ready(): void;
  /** Processes a message; `beside` saves state in the same transaction. It may be the last thing that the process does. */
  take(message: Taken, beside?: () => void): void;
}
