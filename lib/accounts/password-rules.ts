import { brotliDecompressSync } from "node:zlib";
import { normalized } from "../contract/password-text.ts";
import { invalidRequest } from "../runtime/errors.ts";
import { once } from "../runtime/once.ts";
import { COMMON_PASSWORDS } from "./common-passwords.ts";

/** Unpacked when they are first needed, to keep that out of the cold start. */
export const commonPasswords = once(
  (): ReadonlySet<string> =>
    new Set(brotliDecompressSync(Buffer.from(COMMON_PASSWORDS, "base64")).toString().split(" ")),
);

/**
 * Refuses the passwords that are guessed first: the commonest ones, and the username itself.
 * https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver asks for it. The case of letters does not matter.
 *
 * @param field Of the request.
 * @throws {GoTalkError} `invalid_request`: It is one of them.
 */
export function requireUncommon(field: string, password: string, username: string): void {
  const plain = normalized(password).toLowerCase();
  if (plain !== username && !commonPasswords().has(plain)) return;
  const detail = "is one of the first that an attacker tries: choose another one";
  throw invalidRequest(`${field} ${detail}`, [{ field, detail }]);
}
