import type { ProofLedger } from "./proof-ledger.ts";

/** In how many runs something happened: proof that the machinery comes to where it hurts. */
export type Tally = Readonly<Record<string, number>>;

export const addUp = (one: Tally, other: Tally): Tally =>
  Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => [key, (one[key] ?? 0) + (other[key] ?? 0)]),
  );

export function tallyOf(ledger: ProofLedger, trace: readonly string[]): Tally {
  return { runs: 1, commands: trace.length, messages: ledger.accepted, ...ledger.seen() };
}
