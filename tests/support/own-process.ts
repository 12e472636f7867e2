import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const TESTS = fileURLToPath(new URL("..", import.meta.url));

/** Code that changes what all modules of a process share: its modules, clock, environment, streams and bounds. */
const CHANGES_PROCESS = [
  /\bvi\.(mock|doMock|hoisted|stub|spyOn|useFakeTimers|setSystemTime|resetModules)/,
  /\bprocess\.(on|once|chdir|exit|exitCode)\b/,
  /\bprocess\.env(\.\w+|\[[^\]]+\]) (\?\?)?= /,
  /\bdelete process\.env/,
  /\b(Object\.assign|clear)\((LIMITS\b|process\.env\b)/,
  /\bLIMITS\.[\w.]+ = /,
];

/** Code that changes the globals: of the test's process, or of a browser's page. */
const CHANGES_GLOBALS = [
  /\bglobalThis\.\w+ = |\bObject\.assign\(globalThis\b/,
  /\.prototype\.\w+ = /,
  /\bprototype, "/,
  /\bObject\.defineProperty\(/,
  /fake-indexeddb/,
];

/** It does so once for all files of a process. */
const AT_END = resolve(TESTS, "support/at-end.ts");

/** What the files of these folders do to globals, they do in a browser. */
const OF_THE_PAGE = ["page", "support/page"].map((folder) => resolve(TESTS, folder) + sep);

const IMPORT = /\b(?:from|import) "(\.[^"]+)"/g;

/**
 * Whether code changes what its process shares with other test files.
 *
 * @param isOfPage Whether what it does to globals happens in a browser.
 */
export function changesProcess(code: string, isOfPage: boolean): boolean {
  const changes = isOfPage ? CHANGES_PROCESS : [...CHANGES_PROCESS, ...CHANGES_GLOBALS];
  return changes.some((pattern) => pattern.test(code));
}

/**
 * Whether a test file must have a process of its own: it, or a file of the tests that it imports, changes what the process
 * shares. All others run one after the other in the same processes. That spares each of them the start of a process and
 * the loading of the same modules.
 *
 * @param file Its absolute path.
 */
export function needsOwnProcess(file: string, known = new Set<string>()): boolean {
  if (known.has(file) || file === AT_END || !file.startsWith(TESTS) || !existsSync(file)) return false;
  known.add(file);
  const code = readFileSync(file, "utf8");
  const isOfPage = OF_THE_PAGE.some((folder) => file.startsWith(folder));
  if (changesProcess(code, isOfPage)) return true;
  const imports = [...code.matchAll(IMPORT)].map(([, path = ""]) => resolve(dirname(file), path));
  return imports.some((path) => needsOwnProcess(path, known));
}
