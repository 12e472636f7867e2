import { AbstractKeyIterator, AbstractValueIterator } from "abstract-level";

/**
 * Lets dynalite close what it has read with. It ends each iterator by `return()`, which those of abstract-level do not have,
 * so that they stay open: every query would leave one behind, with a snapshot of the database and what it has read ahead,
 * until the process ends.
 */
export function letIteratorsReturn(): void {
  for (const { prototype } of [AbstractKeyIterator, AbstractValueIterator]) {
    Object.assign(prototype, { return: prototype.close });
  }
}
