import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { targets } from "./targets.ts";

test("no test that finds mutants replaces a module: all of a target run in one process, where a next file would get it", () => {
  const files = [...new Set(Object.values(targets).flatMap(({ tests }) => tests))];
  expect(files).toContain("tests/lib/accounts/accounts.test.ts");
  const replacing = files.filter((file) => /\bvi\.(do)?mock\(/i.test(readFileSync(file, "utf8")));
  expect(replacing).toEqual([]);
});
