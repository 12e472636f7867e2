import { GoTalkError } from "../runtime/errors.ts";
import type { Caller, Tokens } from "./tokens.ts";

interface Claim {
  readonly token?: string | undefined;
  /** The user that the request says it comes from. */
  readonly id: string;
  readonly username?: string | undefined;
}

/**
 * Identifies the caller by the token of the request. Whether the token's session still exists is checked elsewhere: see
 * `session-check.ts`.
 *
 * @throws {InvalidToken} There is no token, it is none of ours, or it has expired.
 * @throws {GoTalkError} `forbidden`: It is another user's.
 */
export async function identify(tokens: Tokens, { token, id, username }: Claim): Promise<Caller> {
  const caller = await tokens.open(token);
  if (id !== caller.userId) throw new GoTalkError("forbidden", { values: ["id"] });
  if (username !== undefined && username !== caller.username)
    throw new GoTalkError("forbidden", { values: ["username"] });
  return caller;
}
