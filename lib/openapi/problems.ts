import { LIMITS } from "../contract/limits.ts";
import { toGoTalkError } from "../http/http.ts";
import type { GoTalkError } from "../runtime/errors.ts";
import * as errors from "../runtime/errors.ts";

/** Each problem that the API answers with, as the code makes it. */
const ALL: readonly GoTalkError[] = [
  new errors.InvalidRequest("username must have 3 to 32 characters of a-z 0-9 . _ -", [
    { field: "username", detail: "must have 3 to 32 characters of a-z 0-9 . _ -" },
  ]),
  new errors.MessageIdTime("more than 10 minutes ahead of the server's", "2026-03-12T19:03:58.123Z"),
  new errors.InvalidToken(),
  new errors.InvalidCredentials(),
  new errors.Forbidden("The id is not the token's user."),
  new errors.CrossSite(),
  new errors.Blocked(),
  new errors.RegistrationClosed(),
  new errors.InvalidInvite(),
  new errors.UnknownReceiver(),
  new errors.UnknownUser(),
  new errors.UsernameTaken(),
  new errors.MessageIdReused(),
  new errors.TooManyBlocks(LIMITS.blocks),
  new errors.TooLarge("content", LIMITS.contentBytes),
  new errors.UnsupportedMediaType(),
  new errors.TooManyAttempts(120),
  new errors.TooManyMessages(1),
  new errors.TooManyRequests(1),
  new errors.ChannelFull(30),
  toGoTalkError(new Error("any defect")),
  new errors.Unavailable(),
];

const BY_CODE = new Map(ALL.map((error) => [error.code, error]));

/** The codes of problems. */
export const PROBLEM_CODES: readonly string[] = ALL.map(({ code }) => code);

/** @throws Error for a code that no problem has */
export function problemOf(code: string): GoTalkError {
  const problem = BY_CODE.get(code);
  if (problem === undefined) throw new Error(`no problem has the code ${code}`);
  return problem;
}
