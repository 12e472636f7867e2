import { readFileSync } from "node:fs";
import type { Stryker } from "@stryker-mutator/core";

export type MutantResult = Awaited<ReturnType<Stryker["runMutationTest"]>>[number];

const EQUIVALENT = new URL("EQUIVALENT.md", import.meta.url);

/** How Stryker words it when the mutant kept a test file from being loaded: none of its tests passes then. */
const DOES_NOT_LOAD = "An error occurred outside of a test run";

/** What became of a mutant; whatever else Stryker says of one says nothing of the tests. */
type Fate = "killed" | "timeout" | "equivalent" | "survived" | "no coverage" | "error";

/**
 * Prints what became of a file's mutants, and what is to be done about them.
 *
 * @param threshold The part that has to be found, in percent.
 * @returns Whether it is, and every mutant that survives is explained in EQUIVALENT.md.
 */
export function report(file: string, threshold: number, mutants: readonly MutantResult[]): boolean {
  const explained = explanationsOf(file);
  const fates = Map.groupBy(mutants, (mutant) => fateOf(mutant, explained.has(changeOf(mutant))));
  const count = (fate: Fate): number => fates.get(fate)?.length ?? 0;
  // An equivalent mutant counts as one that was not found.
  const score = (100 * (count("killed") + count("timeout"))) / mutants.length;
  const counts = [...fates].map(([fate, some]) => `${some.length} ${fate}`).join(", ");
  console.log(`${file}: ${Math.floor(10 * score) / 10} % of ${mutants.length} found (${counts})`);

  const complaints: string[] = [];
  if (!(score >= threshold)) complaints.push(`is below its threshold of ${threshold} %`);
  for (const fate of ["survived", "no coverage", "error"] as const) {
    for (const mutant of fates.get(fate) ?? []) {
      complaints.push(`${mutant.location.start.line}: ${fate}: ${changeOf(mutant)}`);
    }
  }
  for (const mutant of fates.get("equivalent") ?? []) explained.delete(changeOf(mutant));
  for (const change of explained) complaints.push(`EQUIVALENT.md explains what does not survive: ${change}`);
  for (const complaint of complaints) console.error(`  ${file}: ${complaint}`);
  return complaints.length === 0;
}

function fateOf({ status, statusReason }: MutantResult, isExplained: boolean): Fate {
  if (status === "Killed" || statusReason?.startsWith(DOES_NOT_LOAD)) return "killed";
  if (status === "Timeout") return "timeout";
  if (status !== "Survived" && status !== "NoCoverage") return "error";
  if (isExplained) return "equivalent";
  return status === "Survived" ? "survived" : "no coverage";
}

/** The changes that EQUIVALENT.md explains: under the file's heading, each line of a list up to its last colon. */
function explanationsOf(file: string): Set<string> {
  const sections = readFileSync(EQUIVALENT, "utf8").split(/^## /m);
  const lines = sections.find((section) => section.startsWith(`${file}\n`))?.split("\n") ?? [];
  return new Set(lines.flatMap((line) => /^- (`.*` → `.*`): /.exec(line)?.[1] ?? []));
}

/** How EQUIVALENT.md names a mutant: the code and what it becomes, on one line. */
const changeOf = (mutant: MutantResult): string =>
  `\`${oneLine(originalOf(mutant))}\` → \`${oneLine(mutant.replacement)}\``;

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

function originalOf({ fileName, location: { start, end } }: MutantResult): string {
  const lines = readFileSync(fileName, "utf8")
    .split("\n")
    .slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = lines[last]?.slice(0, end.column - 1) ?? "";
  lines[0] = lines[0]?.slice(start.column - 1) ?? "";
  return lines.join("\n");
}
