import type { Call, Calls } from "./calls.ts";
import { ProblemError } from "./errors.ts";
import type { Session } from "./model.ts";
import type { CallOptions } from "./options.ts";
import { isPassing } from "./retry.ts";

/** Where the session of the user who is logged in is kept: the client. */
export interface SessionHolder {
  session: Session | undefined;
}

/** Sends the requests of the user who is logged in. */
export class OwnCalls {
  readonly calls: Calls;
  readonly holder: SessionHolder;

  constructor(calls: Calls, holder: SessionHolder) {
    this.calls = calls;
    this.holder = holder;
  }

  /** @throws ProblemError `not_logged_in` (401) */
  get session(): Session {
    const { session } = this.holder;
    if (session !== undefined) return session;
    throw new ProblemError({ status: 401, code: "not_logged_in", detail: "Log in first." });
  }

  /** The session goes on as another one, or has ended. A login that was made meanwhile stays. */
  replace(before: Session, session?: Session): void {
    if (this.holder.session === before) this.holder.session = session;
  }

  /** As {@link Calls.send}, with the user's token. */
  async send<T>(call: Call<T>, options: CallOptions, isWorth = isPassing): Promise<T> {
    return this.calls.send(this.#withToken(call), options, isWorth);
  }

  /** As {@link Calls.sendUncertain}, with the user's token. */
  async sendUncertain<T>(
    call: Call<T>,
    options: CallOptions,
    resultOf: (refusal: ProblemError) => T | undefined,
  ): Promise<T> {
    return this.calls.sendUncertain(this.#withToken(call), options, resultOf);
  }

  #withToken<T>(call: Call<T>): Call<T> {
    return { ...call, token: this.session.token };
  }
}
