import type { User } from "../channel/profiles.ts";
import { LIMITS } from "../contract/limits.ts";
import { GoTalkError } from "../runtime/errors.ts";
import type { Refusal } from "./group-decision.ts";

/** The error that a client gets for a refused change. */
export function refusalError(code: Refusal): GoTalkError {
  if (code === "too_many_members") return new GoTalkError(code, { values: [LIMITS.groups.members] });
  if (code !== "invalid_invite") return new GoTalkError(code);
  return new GoTalkError(code, {
    detail: "The code is wrong, or no longer valid. Ask an admin of the group for another one.",
  });
}

/** @param ids None: the request names a single user. */
export function unknownUser(ids: readonly string[] = []): GoTalkError {
  const which = ids.length === 0 ? "No user has this id." : `No user has the id ${ids.join(", ")}.`;
  return new GoTalkError("unknown_user", { detail: `${which} Look it up by GET /users/{username}.` });
}

/** @param users Those who have blocked the user who adds them. */
export const blockedBy = (users: readonly User[]): GoTalkError =>
  new GoTalkError("blocked", {
    detail: `You cannot add ${users.map(({ username }) => username).join(", ")}. They have blocked you. Nothing was changed.`,
  });
