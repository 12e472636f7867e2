import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaksIn } from "./leaks.ts";
import { FOLDER, readSuiteOutput } from "./suite-output.ts";

/**
 * Around all tests: in the end, nothing that they made the functions print may hold one of the passwords, tokens, keys or
 * message contents that they gave them. A leak fails the run, whichever test it came from.
 */
export default function findLeaks(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "gotalk-output-"));
  process.env[FOLDER] = folder;
  return () => {
    const { printed, secrets, omitted } = readSuiteOutput(folder);
    rmSync(folder, { recursive: true, force: true });
    const leaks = leaksIn(printed, secrets);
    console.log(
      `The functions printed ${printed.length} characters; of ${secrets.length} secrets ${leaks.length} are in them. ` +
        `Not looked for: ${omitted.short} that are too short, ${omitted.many} that were too many.`,
    );
    if (leaks.length === 0) return;
    const kinds = Object.entries(Object.groupBy(leaks, ({ kind }) => kind));
    const counts = kinds.map(([kind, found = []]) => `${found.length} of kind ${kind}, such as ${found[0]?.text}`);
    throw new Error(`Secrets of the tests were printed by the functions: ${counts.join("; ")}`);
  };
}
