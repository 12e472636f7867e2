import type { ProblemCode } from "../contract/problems.ts";
import { ProblemError } from "./errors.ts";

/**
 * A text as a part of a path.
 *
 * @param code Of the problem if the text is empty, `.` or `..`: these would mean another route, and name nothing.
 * @param detail Of the problem, in words for people.
 */
export function inPath(text: string, code: ProblemCode, detail: string): string {
  if (!/^\.{0,2}$/.test(text)) return encodeURIComponent(text);
  throw new ProblemError({ status: 404, code, detail });
}
