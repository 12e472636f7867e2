import { isUncertain, ProblemError } from "../../../../lib/client/index.ts";
import { PASSWORD } from "../../../../lib/contract/limits.ts";
import { normalized } from "../../../../lib/contract/password-text.ts";
import { explain } from "../../chat/explain.ts";

/** Says why a change failed, or that its outcome is not known. */
export const explainChange = (error: unknown): string =>
  isUncertain(error)
    ? `${explain(error)} It is not known whether this was done. Try again to be sure.`
    : explain(error);

/** The same for a change that asks for the password only: then only the password can be wrong. */
export function explainPassword(error: unknown): string {
  const isWrong = error instanceof ProblemError && error.code === "invalid_credentials";
  return isWrong ? "The password is wrong." : explainChange(error);
}

/** Says that a new password is too long, if it is. */
export function tooLong(password: string): string | undefined {
  const { maxCharacters } = PASSWORD;
  const { length } = [...normalized(password)];
  return length > maxCharacters
    ? `A password has at most ${maxCharacters} characters, and this one has ${length}.`
    : undefined;
}

/** The same for an existing password, which may have been cut when it was chosen. */
export function tooLongToBeRight(password: string): string | undefined {
  // Older passwords were counted before their letters were normalised.
  const problem = [...password].length > PASSWORD.maxCharacters ? tooLong(password) : undefined;
  return (
    problem &&
    `${problem} Older versions of this page cut longer passwords: then its first ${PASSWORD.maxCharacters} characters are your password.`
  );
}
