import { table } from "../support/table.ts";
import { faults, type Row } from "./comparison.ts";
import { FAULTS, type Fault } from "./peer.ts";

const HEAD = ["", "lost", "repeated, unmarked", "repeated, marked", "out of order", "new, but marked"] as const;

function cellsOf(row: Row, fault: Fault): [string, ...(number | string)[]] {
  const trial = row.trials[fault];
  if (trial === undefined) return [row.way, ...HEAD.slice(1).map(() => "not run")];
  return [row.way, trial.lost, trial.repeated, trial.repeatedFlagged, trial.outOfOrder, trial.newFlagged];
}

/** The whole comparison for a terminal: a table for each fault. */
export function terminalTables(rows: readonly Row[]): string {
  return faults
    .map((fault) =>
      table(
        titleOf(rows, fault),
        HEAD,
        rows.map((row) => cellsOf(row, fault)),
      ),
    )
    .join("\n");
}

/** The same in Markdown, with what each row is. */
export function markdownTables(rows: readonly Row[]): string {
  const parts = faults.map((fault) => {
    const lines = [
      HEAD,
      HEAD.map((_, column) => (column === 0 ? "---" : "---:")),
      ...rows.map((row) => cellsOf(row, fault)),
    ];
    return [`### ${titleOf(rows, fault)}`, "", ...lines.map((cells) => `| ${cells.join(" | ")} |`), ""].join("\n");
  });
  const setups = rows.map(({ way, version, setup }) => `- **${way}** (${version}). ${setup}`);
  return [...parts, "### How each was set up", "", ...setups, ""].join("\n");
}

function titleOf(rows: readonly Row[], fault: Fault): string {
  const struck = rows.map(({ trials }) => trials[fault]?.struck).filter((count) => count !== undefined);
  const range = [...new Set([Math.min(...struck), Math.max(...struck)])];
  const what = FAULTS[fault];
  const often = struck.length === 0 ? "not run" : `${range.join(" to ")} times`;
  return `${what[0]?.toUpperCase()}${what.slice(1)} (${often})`;
}
