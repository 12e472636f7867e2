import type { Ledger } from "../support/ledger.ts";

/** What became of the messages. All are numbers of messages or of deliveries. */
export interface Counts {
  /** Accepted by the server. */
  readonly sent: number;
  /** Accepted, and never processed. */
  readonly lost: number;
  /** Deliveries after the first one of a message that bear no mark. */
  readonly repeated: number;
  /** Deliveries after the first one of a message that are marked. */
  readonly repeatedFlagged: number;
  /** Messages that came first after a later message of the same sender had come. */
  readonly outOfOrder: number;
  /** First deliveries that are marked: they look like a repeat, and are none. */
  readonly newFlagged: number;
  /** Deliveries of what nobody sent. */
  readonly foreign: number;
}

/**
 * Counts what became of the messages of a ledger.
 *
 * @param ledger One that is complete: a message that is still on its way counts as lost.
 */
export function countsOf(ledger: Ledger): Counts {
  const { lost, repeated, repeatedFlagged, foreign } = ledger.verdict();
  return {
    sent: ledger.accepted,
    lost: lost.length,
    repeated: repeated.length,
    repeatedFlagged: repeatedFlagged.length,
    outOfOrder: ledger.outOfOrder.length,
    newFlagged: ledger.newFlagged.length,
    foreign: foreign.length,
  };
}
