import { randomBytes } from "node:crypto";
import { argon2id, argon2Verify } from "hash-wasm";
import { normalized } from "../contract/password-text.ts";

/**
 * OWASP's first choice: argon2id with 19 MiB, 2 passes, 1 lane.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const PARAMETERS = { memorySize: 19_456, iterations: 2, parallelism: 1, hashLength: 32 } as const;
const SALT_BYTES = 16;

/** Made with the same parameters from a password that nobody knows, for logins of users that do not exist. */
const NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$3J5GavVfXTIHJVdBOEomrA$IBkb69o9VvbJqinxxWi+wDc5C403NxuqMyP6O88O/2I";

/** @returns A PHC string. */
export const hashPassword = (password: string): Promise<string> =>
  argon2id({ ...PARAMETERS, password: normalized(password), salt: randomBytes(SALT_BYTES), outputType: "encoded" });

/** @param hash A PHC string; without one the answer is `false`, and takes as long. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const matches = await argon2Verify({ password: normalized(password), hash: hash ?? NOBODY });
  return matches && hash !== undefined;
}
