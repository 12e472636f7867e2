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

/** The same for one character again and again: a log has ids, of which tests make some of up to 64 such characters. */
const SHORTEST_RUN = 1_000;

const canBeKnown = (text: string): boolean => text.length >= (new Set(text).size > 1 ? SHORTEST : SHORTEST_RUN);

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
  if (!canBeKnown(text)) append("omitted", "short\n");
  else if (size > MOST) append("omitted", "many\n");
  else append("secrets", `${JSON.stringify({ kind, text } satisfies Secret)}\n`);
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
