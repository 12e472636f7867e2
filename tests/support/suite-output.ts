import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Secret } from "./leaks.ts";

/*
 * What a run of all tests makes the functions print, and the secrets that the tests give them: files in one folder, which
 * many processes append to. `find-leaks.ts` makes the folder, and looks into it in the end.
 */

/** The name of the environment variable with the folder. Without it nothing is written. */
export const FOLDER = "GOTALK_TEST_OUTPUT";

/** What is shorter may stand in a log by chance. */
const SHORTEST = 12;

/** Of each kind from each process: some of the tests send tens of thousands of messages. */
const MOST = 10_000;

const planted = new Map<string, Set<string>>();

/** Notes a text that must not be printed by anything until the run ends; or that there was one that is not looked for. */
export function plant(kind: string, text: unknown): void {
  if (typeof text !== "string" || text === "") return;
  const known = planted.get(kind) ?? new Set();
  planted.set(kind, known);
  if (known.has(text)) return;
  const { size } = known.add(text);
  const isLookedFor = text.length >= SHORTEST && size <= MOST;
  if (isLookedFor) append("secrets", `${JSON.stringify({ kind, text } satisfies Secret)}\n`);
  else append("omitted", text.length < SHORTEST ? "short\n" : "many\n");
}

/** The fields of a request that must not be printed. */
const SECRET_FIELDS = ["password", "newPassword", "inviteCode", "token", "content"];

/** Plants what is secret in the body of a request. */
export function plantFieldsOf(body: unknown): void {
  const fields = fieldsOf(body);
  for (const name of SECRET_FIELDS) plant(name, fields[name]);
}

function fieldsOf(body: unknown): Record<string, unknown> {
  if (body instanceof URLSearchParams) return Object.fromEntries(body);
  if (body instanceof Uint8Array) return fieldsOf(Buffer.from(body).toString());
  if (typeof body !== "string") return {};
  try {
    return { ...JSON.parse(body) };
  } catch {
    return Object.fromEntries(new URLSearchParams(body));
  }
}

/** Notes what functions printed, in this process or in a stack. */
export const notePrinted = (text: string): void => append("printed", text);

function append(file: string, text: string): void {
  const folder = process.env[FOLDER];
  if (folder) appendFileSync(join(folder, `${file}.${process.pid}`), text);
}

interface SuiteOutput {
  readonly printed: string;
  readonly secrets: readonly Secret[];
  /** How many secrets are not among them, as they are too short, or one too many. Each process counts its own. */
  readonly omitted: { readonly short: number; readonly many: number };
}

/** Everything that was noted. */
export function readSuiteOutput(folder: string): SuiteOutput {
  const read = (start: string): string =>
    readdirSync(folder)
      .filter((name) => name.startsWith(start))
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("\n");
  if (!existsSync(folder)) return { printed: "", secrets: [], omitted: { short: 0, many: 0 } };
  const lines = new Set(read("secrets.").split("\n").filter(Boolean));
  const reasons = read("omitted.").split("\n");
  const count = (reason: string): number => reasons.filter((one) => one === reason).length;
  return {
    printed: read("printed."),
    secrets: [...lines].map((line) => JSON.parse(line) as Secret),
    omitted: { short: count("short"), many: count("many") },
  };
}
