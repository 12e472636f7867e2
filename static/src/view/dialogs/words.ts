import { isUncertain } from "../../../../lib/client/retry.ts";
import { ProblemError } from "../../../../lib/client.ts";
import { explain } from "../../chat/words.ts";

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
