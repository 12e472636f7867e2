import type { Accounts } from "../accounts/accounts.ts";
import type { Registration } from "../accounts/registration.ts";
import type { ProblemCode } from "../contract/problems.ts";
import { DeleteAccountBody, LoginBody, PasswordBody, RegisterBody, validate } from "../http/schemas.ts";
import type { AddressLimit } from "../rates/address-limit.ts";
import type { LocalRate } from "../rates/rate.ts";
import { GoTalkError, InvalidToken } from "../runtime/errors.ts";
import type { Meter } from "../runtime/meter.ts";
import { identify } from "../tokens/caller.ts";
import { type AccountRoutes, DONE, granted } from "./account-route.ts";
import { type AdmissionServices, admit } from "./admission.ts";

export interface PasswordServices extends AdmissionServices {
  readonly accounts: Accounts;
  readonly registration: Registration;
  readonly addressLimit: AddressLimit;
  /** Repeats of a deletion, by the user. */
  readonly deletionRepeats: LocalRate;
  readonly meter: Meter;
  /** Where clients open WebSockets, if it is not at `/live` beside the API. */
  readonly liveUrl: string | undefined;
}

const LOGIN_FAILURES: ReadonlySet<ProblemCode> = new Set(["invalid_credentials", "too_many_attempts"]);

/** The routes that take a password. */
export function passwordRoutes(services: PasswordServices) {
  const { accounts, registration, addressLimit, deletionRepeats, tokens, meter, liveUrl } = services;

  /** Counts the failures of all requests that have a password. */
  function countFailure(error: unknown): never {
    if (error instanceof GoTalkError && LOGIN_FAILURES.has(error.code)) meter.count("LoginFailures");
    throw error;
  }

  return {
    "POST /register": async (request, network) => {
      const { username, password, inviteCode } = validate(RegisterBody, request.fields());
      addressLimit.consumeHash(network);
      return { status: 201, body: await registration.register(username, password, inviteCode) };
    },

    "POST /login": async (request, network) => {
      const { username, password, earlierToken, ...wanted } = validate(LoginBody, request.fields());
      const earlier = await tokens.openOptional(earlierToken);
      addressLimit.consumeHash(network, earlier?.username === username ? earlier.userId : undefined);
      const { address, userAgent } = request;
      const origin = { address, userAgent, earlierToken };
      return granted(await accounts.login(username, password, origin, wanted).catch(countFailure), liveUrl);
    },

    "POST /password": async (request) => {
      const { password, newPassword, ...claim } = validate(PasswordBody, request.fields());
      const caller = await admit(services, await identify(tokens, claim));
      await accounts.changePassword(caller, password, newPassword, request.address).catch(countFailure);
      return DONE;
    },

    "POST /account/delete": async (request) => {
      const { password, ...claim } = validate(DeleteAccountBody, request.fields());
      const caller = await identify(tokens, claim);
      // A deletion is finished by a token whose session it has ended; `remove` checks the session of any other. That has a
      // rate of its own: what such a token asks for is not taken off its user's.
      await admit(services, caller).catch((error: unknown) => {
        if (!(error instanceof InvalidToken)) throw error;
        const wait = deletionRepeats.consume(caller.userId);
        if (wait > 0) throw new GoTalkError("too_many_requests", { retryAfter: wait });
      });
      await accounts.remove(caller, password).catch(countFailure);
      return DONE;
    },
  } satisfies Partial<AccountRoutes>;
}
