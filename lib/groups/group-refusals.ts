import type { User } from "../channel/profiles.ts";
import { LIMITS } from "../contract/limits.ts";
import { DETAILS } from "../contract/problems.ts";
import { GoTalkError } from "../runtime/errors.ts";
import type { Refusal } from "./group-decision.ts";

/** The error that a client gets for a refused change. */
export function refusalError(code: Refusal): GoTalkError {
  if (code === "too_many_members") return new GoTalkError(code, { values: [LIMITS.groups.members] });
  return new GoTalkError(code, code === "invalid_invite" ? { detail: DETAILS.groupCode } : {});
}

/** @param ids None: the request names a single user. */
export function unknownUser(ids: readonly string[] = []): GoTalkError {
  return new GoTalkError("unknown_user", { detail: ids.length === 0 ? DETAILS.unknownId : DETAILS.unknownIds(ids) });
}

/** @param users Those who have blocked the user who adds them. */
export const blockedBy = (users: readonly User[]): GoTalkError =>
  new GoTalkError("blocked", { detail: DETAILS.cannotAdd(users.map(({ username }) => username)) });
