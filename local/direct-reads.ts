import { Level } from "level";

/** What is behind `get` and `getSync` of a store, and is not in its types. */
interface Reads {
  _get(...read: readonly unknown[]): Promise<unknown>;
  _getSync(...read: readonly unknown[]): unknown;
}

/**
 * Lets dynalite read each record in its own thread. Otherwise LevelDB reads it in another one, and to wake that and to be woken
 * by it takes many times as long as to read a record that is in memory, as nearly all are.
 */
export function readDirectly(): void {
  const reads = Level.prototype as unknown as Reads;
  reads._get = async function (...read) {
    return this._getSync(...read);
  };
}
