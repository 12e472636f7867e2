import { ProblemError } from "../../../../lib/client.ts";
import { explain } from "../../chat/words.ts";

/** Where only the password was asked for, only the password can be wrong. */
export function explainPassword(error: unknown): string {
  const isWrong = error instanceof ProblemError && error.code === "invalid_credentials";
  return isWrong ? "The password is wrong." : explain(error);
}
