import { normalized } from "../contract/password-text.ts";
import { invalidRequest } from "../runtime/errors.ts";
import { COMMON_PASSWORDS } from "./common-passwords.ts";

let common: ReadonlySet<string> | undefined;

/** Made when it is first needed, to keep it out of the cold start. */
function isCommon(password: string): boolean {
  common ??= new Set(COMMON_PASSWORDS.split(" "));
  return common.has(password);
}

/**
 * Refuses the passwords that are guessed first: the commonest ones, and the username itself.
 * https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver asks for it. The case of letters does not matter.
 *
 * @param field Of the request.
 * @throws {GoTalkError} `invalid_request`: It is one of them.
 */
export function requireUncommon(field: string, password: string, username: string): void {
  const plain = normalized(password).toLowerCase();
  if (plain !== username && !isCommon(plain)) return;
  const detail = "is one of the first that an attacker tries: choose another one";
  throw invalidRequest(`${field} ${detail}`, [{ field, detail }]);
}
