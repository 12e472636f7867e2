import { isUncertain, ProblemError } from "../../../../lib/client/index.ts";
import { PASSWORD } from "../../../../lib/contract/limits.ts";
import { normalized } from "../../../../lib/contract/password-text.ts";
import { explain } from "../../chat/explain.ts";

/** Says why a change failed, or that it is not known whether it was made. */
export const explainChange = (error: unknown): string =>
  isUncertain(error)
    ? `${explain(error)} It is not known whether this was done. Try again to be sure.`
    : explain(error);

/** The same where only the password was asked for, and so only the password can be wrong. */
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

/** The same for a password that exists: it may have been cut when it was chosen. */
export function tooLongToBeRight(password: string): string | undefined {
  // Some were chosen when another form of their letters was counted.
  const problem = [...password].length > PASSWORD.maxCharacters ? tooLong(password) : undefined;
  return (
    problem &&
    `${problem} Older versions of this page cut longer ones: then its first ${PASSWORD.maxCharacters} characters are your password.`
  );
}
