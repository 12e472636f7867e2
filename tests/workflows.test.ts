import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const FOLDER = new URL("../.github/workflows/", import.meta.url);

it.each(readdirSync(FOLDER))("%s pins every action by commit, and says which version that is", (name) => {
  const uses = readFileSync(new URL(name, FOLDER), "utf8").match(/uses:.*/g) ?? [];
  expect(uses.length).toBeGreaterThan(0);
  for (const use of uses) expect(use).toMatch(/^uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});
