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
export async function admit(services: AdmissionServices, caller: Caller): Promise<Caller> {
  await withinRate(services, caller, () => services.sessionCheck.require(caller));
  return caller;
}

/**
 * The same, whichever device the session is on.
 *
 * @returns The id of that device.
 */
export const admitOnAnyDevice = (services: AdmissionServices, caller: Caller): Promise<string> =>
  withinRate(services, caller, () => services.sessionCheck.requireOnAnyDevice(caller));

async function withinRate<T>({ callLimit }: AdmissionServices, caller: Caller, check: () => Promise<T>): Promise<T> {
  // In this order: what a token of an ended session asks for is not taken off its user's rate.
  callLimit.check(caller.userId);
  const checked = await check();
  await callLimit.consume(caller.userId);
  return checked;
}

/** Admits the owner of a token. @throws {InvalidToken} It is none of ours, or its session has ended. */
export const admitOwner = async (services: AdmissionServices, token: string | undefined): Promise<Caller> =>
  admit(services, await services.tokens.open(token));
