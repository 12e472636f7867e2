import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const lock = readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8");

interface LockedPackage {
  readonly optionalDependencies?: Record<string, string>;
}

test("the lock bears no addresses, so that it works with any registry", () => {
  expect(lock).not.toContain('"resolved"');
});

test("the lock has every optional package, without which npm ci refuses it", () => {
  const packages: Record<string, LockedPackage> = JSON.parse(lock).packages;
  const names = new Set(Object.keys(packages).map((path) => path.split("node_modules/").at(-1)));
  const optional = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies),
  );
  expect(optional.filter((name) => !names.has(name))).toEqual([]);
});
