import { randomBytes } from "node:crypto";
import { argon2id, argon2Verify } from "hash-wasm";
import { normalized } from "../contract/password-text.ts";

/** What the hashes of passwords cost, to the service and to an attacker. */
export interface HashCost {
  readonly memorySize: number;
  readonly iterations: number;
  readonly parallelism: number;
  /** A hash of this cost, of a password that nobody knows: for logins of users that do not exist. */
  readonly nobody: string;
}

/**
 * OWASP's first choice: argon2id with 19 MiB, 2 passes, 1 lane.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
export const OWASP: HashCost = {
  memorySize: 19_456,
  iterations: 2,
  parallelism: 1,
  nobody: "$argon2id$v=19$m=19456,t=2,p=1$3J5GavVfXTIHJVdBOEomrA$IBkb69o9VvbJqinxxWi+wDc5C403NxuqMyP6O88O/2I",
};
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** Hashes passwords and checks them. A hash names its own cost, so that any can be checked. */
export class Passwords {
  readonly #cost: HashCost;

  constructor(cost: HashCost = OWASP) {
    this.#cost = cost;
  }

  /** @returns A PHC string. */
  hash(password: string): Promise<string> {
    const { memorySize, iterations, parallelism } = this.#cost;
    return argon2id({
      ...{ memorySize, iterations, parallelism, hashLength: HASH_BYTES },
      password: normalized(password),
      salt: randomBytes(SALT_BYTES),
      outputType: "encoded",
    });
  }

  /** @param hash A PHC string; without one the answer is `false`, and takes as long. */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const matches = await argon2Verify({ password: normalized(password), hash: hash ?? this.#cost.nobody });
    return matches && hash !== undefined;
  }
}
