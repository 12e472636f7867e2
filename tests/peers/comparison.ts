import type { Counts } from "./counts.ts";
import { FAULTS, type Failing, type Fault, type Peer, type Way } from "./peer.ts";
import { runTrial, type Size, type Trial } from "./trial.ts";

/** A way under all faults. */
export interface Row {
  readonly peer: string;
  readonly version: string;
  readonly way: string;
  readonly setup: string;
  readonly trials: Partial<Record<Fault, Trial>>;
  /** What goTalk promises and did not hold; of others, nothing. */
  readonly broken: readonly string[];
  /** Why it could not be run to its end. */
  readonly failure?: string;
}

/** All faults, in the order of the tables. */
export const faults = Object.keys(FAULTS) as Fault[];

const FAILINGS: readonly Failing[] = ["lost", "repeated", "repeatedFlagged", "outOfOrder", "foreign"];

/** What of a promise a trial broke. Of a peer that promises nothing, nothing. */
export function brokenBy({ excused }: Pick<Way, "excused">, fault: Fault, counts: Counts): string[] {
  if (excused === undefined) return [];
  const allowed = excused[fault] ?? [];
  return FAILINGS.filter((failing) => counts[failing] > 0 && !allowed.includes(failing)).map(
    (failing) => `${fault}: ${failing} ${counts[failing]}`,
  );
}

/** Runs one way under all faults, each on a server of its own. What fails ends the row, and not the comparison. */
export async function compare(
  { name: peer }: Peer,
  version: string,
  way: Way,
  size: Size,
  onTrial: (fault: Fault, trial: Trial) => void,
): Promise<Row> {
  const trials: Partial<Record<Fault, Trial>> = {};
  const broken: string[] = [];
  const row = { peer, version, way: way.name, setup: way.setup, trials, broken };
  for (const fault of faults) {
    try {
      const trial = await runTrial(way, fault, size);
      trials[fault] = trial;
      broken.push(...brokenBy(way, fault, trial));
      onTrial(fault, trial);
    } catch (error) {
      return { ...row, failure: `${fault}: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
  return row;
}
