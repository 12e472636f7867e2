import { ProblemError } from "../../../../lib/client/index.ts";
import { explainChange } from "./explain.ts";

/** What a refusal means in a dialog about groups. The `detail` of `blocked` names the people. */
const WORDS: Readonly<Record<string, string>> = {
  invalid_invite: "This invite link lets nobody in any more. Ask an admin of the group for another one.",
  not_an_admin: "Only an admin of the group can do this.",
  unknown_user: "This user does not exist any more.",
};

/** Says why a change of a group failed, or that its outcome is not known. */
export function explainGroup(error: unknown): string {
  if (!(error instanceof ProblemError)) return explainChange(error);
  return error.code === "blocked" ? error.detail : (WORDS[error.code] ?? explainChange(error));
}

/** The same where a user is looked up by name. */
export const explainMember =
  (username: string) =>
  (error: unknown): string =>
    error instanceof ProblemError && error.code === "unknown_user"
      ? `There is no user called “${username}”.`
      : explainGroup(error);
