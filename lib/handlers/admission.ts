import type { UserLimit } from "../rates/user-limit.ts";
import type { SessionCheck } from "../tokens/session-check.ts";
import type { Caller, Tokens } from "../tokens/tokens.ts";

export interface AdmissionServices {
  readonly tokens: Tokens;
  readonly sessionCheck: SessionCheck;
  readonly callLimit: UserLimit;
}

/**
 * Admits a caller whose session lives, within the user's rate.
 *
 * @throws {InvalidToken} The session has ended.
 * @throws {GoTalkError} `too_many_requests`: The rate is used up.
 */
export async function admit({ sessionCheck, callLimit }: AdmissionServices, caller: Caller): Promise<Caller> {
  // In this order: what a token of an ended session asks for is not taken off its user's rate.
  callLimit.check(caller.userId);
  await sessionCheck.require(caller);
  await callLimit.take(caller.userId);
  return caller;
}

/** Admits the owner of a token. @throws {InvalidToken} It is none of ours, or its session has ended. */
export const admitOwner = async (services: AdmissionServices, token: string | undefined): Promise<Caller> =>
  admit(services, await services.tokens.open(token));
