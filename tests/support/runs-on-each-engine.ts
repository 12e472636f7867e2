import { readFileSync } from "node:fs";

/**
 * Whether a test file does its tests on each engine. `npm test` runs it on the first alone, and `npm run test:all` on the other, too.
 *
 * @param file Its absolute path.
 */
export const runsOnEachEngine = (file: string): boolean => /\beach\(engines\)/.test(readFileSync(file, "utf8"));
