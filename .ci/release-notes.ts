import { readFileSync } from "node:fs";

/*
 * What the changelog says of a version, for the release on GitHub:
 *
 *   node .ci/release-notes.ts 1.2.0
 */

/** @throws {Error} The changelog has no such version, or says nothing of it. */
export function notesOf(version: string, changelog: string): string {
  const section = changelog.split(/^## /m).find((text) => text.startsWith(`[${version}]`)) ?? "";
  const notes = section.slice(section.indexOf("\n")).trim();
  if (section === "" || notes === "") throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return notes;
}

if (import.meta.main) {
  console.log(notesOf(process.argv[2] ?? "", readFileSync(new URL("../CHANGELOG.md", import.meta.url), "utf8")));
}
