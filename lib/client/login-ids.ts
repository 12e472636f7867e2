import { v4 } from "uuid";

/**
 * Makes a random id for a login and its repeats. Store it before the first attempt if another process may repeat the
 * login.
 *
 * @example
 * ```ts
 * const loginId = newLoginId();
 * localStorage.setItem("loginId", loginId);
 * await client.login({ username: "bob", password: "battery-staple", deviceName: "Laptop", loginId });
 * localStorage.removeItem("loginId");
 * ```
 */
export const newLoginId = (): string => v4();

/**
 * Gives each login its id. A login that failed may have taken effect without an answer: then the next one for the same
 * device is a repeat. Another id would leave the device of the first one, and what waits there, to nobody.
 */
export class LoginIds {
  #open: { readonly what: string; readonly loginId: string } | undefined;

  /** @param what Names the user and the device that the login asks for. */
  begin(what: string): string {
    if (this.#open?.what !== what) this.#open = { what, loginId: newLoginId() };
    return this.#open.loginId;
  }

  /** A login has succeeded. The next one is no repeat. */
  end(): void {
    this.#open = undefined;
  }
}
