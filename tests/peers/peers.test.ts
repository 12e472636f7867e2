import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { brokenBy, faults, type Row } from "./comparison.ts";
import type { Counts } from "./counts.ts";
import { gotalk } from "./gotalk.ts";
import type { Peer, Way } from "./peer.ts";
import { PEERS } from "./peers.ts";
import { markdownTables, terminalTables } from "./report.ts";
import type { Trial } from "./trial.ts";

const EXACT: Counts = { sent: 9, lost: 0, repeated: 0, repeatedFlagged: 0, outOfOrder: 0, newFlagged: 0, foreign: 0 };

const waysOf = ({ ways }: Peer): [Way, Way, Way] => ways as [Way, Way, Way];
const [beside, apart, none] = waysOf(gotalk);

describe("what goTalk promises in the comparison", () => {
  it("is exactness under every fault where the state is saved beside the message", () => {
    for (const fault of faults) {
      expect(brokenBy(beside, fault, EXACT)).toEqual([]);
      expect(brokenBy(beside, fault, { ...EXACT, newFlagged: 4 })).toEqual([]);
      const failing = { lost: 1, repeated: 2, repeatedFlagged: 3, outOfOrder: 4, foreign: 5 };
      expect(brokenBy(beside, fault, { ...EXACT, ...failing })).toEqual(
        Object.entries(failing).map(([name, count]) => `${fault}: ${name} ${count}`),
      );
    }
  });

  it("excuses a marked repeat where the state is saved apart and the receiver is killed, and no unmarked one", () => {
    const repeats = { ...EXACT, repeated: 1, repeatedFlagged: 1 };
    expect(brokenBy(apart, "receiverKilled", repeats)).toEqual(["receiverKilled: repeated 1"]);
    expect(brokenBy(apart, "receiverCut", repeats)).toHaveLength(2);
    expect(brokenBy(apart, "receiverKilled", { ...EXACT, lost: 1 })).toEqual(["receiverKilled: lost 1"]);
  });

  it("excuses a loss without ack, but not where only senders are cut, and no repeat", () => {
    expect(faults.filter((fault) => brokenBy(none, fault, { ...EXACT, lost: 1 }).length > 0)).toEqual(["senderCut"]);
    for (const fault of faults) expect(brokenBy(none, fault, { ...EXACT, repeated: 1 })).toHaveLength(1);
  });

  it("is asked of goTalk alone", () => {
    expect(brokenBy({}, "senderCut", { ...EXACT, lost: 1 })).toEqual([]);
  });
});

describe("docs/comparison.md", () => {
  const document = readFileSync(new URL("../../docs/comparison.md", import.meta.url), "utf8");

  it.each(PEERS)("says how $name was set up, and what to install", ({ ways, packages }) => {
    const lines = document.split("\n");
    for (const { name, setup } of ways) {
      const line = lines.find((text) => text.startsWith(`- **${name}** (`));
      expect(line?.endsWith(`). ${setup}`), name).toBe(true);
    }
    const install = /^apt-get install (.*)$/m.exec(document)?.[1]?.split(" ");
    expect(install).toEqual(expect.arrayContaining([...packages]));
  });

  it("has a count of each of them for each fault", () => {
    const names = PEERS.flatMap(({ ways }) => ways.map(({ name }) => name));
    for (const name of names) {
      const rows = document.split("\n").filter((line) => line.startsWith(`| ${name} | `));
      expect(rows).toHaveLength(faults.length);
      for (const row of rows) expect(row).toMatch(/( \| \d+){5} \|$/);
    }
  });
});

describe("the tables of the comparison", () => {
  const trial = (change: Partial<Trial>): Trial => ({ ...EXACT, struck: 2, seconds: 1, ...change });
  const row = (way: string, change: Partial<Trial>): Row => ({
    peer: way,
    version: "1.0",
    way,
    setup: "As [documented](https://example.org).",
    trials: { senderCut: trial(change) },
    broken: [],
  });
  const rows = [
    row("one", { lost: 1, repeated: 2 }),
    row("two", { repeatedFlagged: 3, outOfOrder: 4, newFlagged: 5, struck: 3 }),
  ];

  it("show each count in its column, and what was not run, in Markdown", () => {
    const text = markdownTables(rows);
    expect(text).toContain("### A sender's connection is cut while it sends a message (2 to 3 times)");
    expect(text).toContain("| one | 1 | 2 | 0 | 0 | 0 |\n| two | 0 | 0 | 3 | 4 | 5 |");
    expect(text).toContain("| one | not run | not run | not run | not run | not run |");
    expect(text).toContain("- **two** (1.0). As [documented](https://example.org).");
  });

  it("show the same in a terminal", () => {
    expect(terminalTables(rows)).toMatch(/^one +1 +2 +0 +0 +0$/m);
    expect(terminalTables(rows)).toMatch(/^two +0 +0 +3 +4 +5$/m);
  });
});
