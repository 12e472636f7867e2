import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Bundle, bundle, FUNCTIONS } from "../tests/support/bundles.ts";
import { growthsOf, type Report } from "./bundle-growth.ts";

/*
 * What each function's bundle is made of, kept beside this file.
 *
 *   node bench/bundle-report.ts            writes it
 *   node bench/bundle-report.ts --check    fails if a bundle is more than 5% larger than it says
 */

const FILE = new URL("bundle-report.json", import.meta.url);

const { values: options } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const now = Object.fromEntries(
  await Promise.all(FUNCTIONS.map(async (name) => [name, reportOf(await bundle(name))] as const)),
);
if (options.check) check(JSON.parse(readFileSync(FILE, "utf8")), now);
else writeFileSync(FILE, `${JSON.stringify(now, null, 2)}\n`);

function reportOf({ bytes, metafile }: Bundle): Report {
  const packages = new Map<string, number>();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(path);
      packages.set(name, (packages.get(name) ?? 0) + bytesInOutput);
    }
  }
  const largestFirst = [...packages].toSorted(([, one], [, other]) => other - one);
  return { bytes, packages: Object.fromEntries(largestFirst) };
}

/** `node_modules/@aws-sdk/core/dist-es/index.js` is `@aws-sdk/core`. */
function packageOf(path: string): string {
  const [, name = "gotalk"] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return name;
}

function check(before: Record<string, Report>, after: Record<string, Report>): void {
  for (const { name, bytes, allowed, isTooLarge } of growthsOf(before, after)) {
    console.log(`${name}: ${bytes} bytes, at most ${allowed}${isTooLarge ? ": TOO LARGE" : ""}`);
    if (isTooLarge) process.exitCode = 1;
  }
  if (process.exitCode === 1) {
    console.log("If it has to be so, run `node bench/bundle-report.ts` and commit the report.");
  }
}
