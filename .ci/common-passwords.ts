import { writeFileSync } from "node:fs";
import { dictionary } from "@zxcvbn-ts/language-common";
import { LIMITS } from "../lib/contract/limits.ts";

/*
 *   node .ci/common-passwords.ts     writes lib/accounts/common-passwords.ts
 *
 * The package has 49,000 passwords that were leaked, the commonest first. A shorter list is bundled, as the function must
 * start quickly: an attacker has 100 attempts at a username in 15 minutes and gets no further than its beginning.
 */

/** How many of them are bundled. */
const COUNT = 5_000;

const TARGET = new URL("../lib/accounts/common-passwords.ts", import.meta.url);

/** The module's text, as it has to be. */
export function commonPasswords(): string {
  const words = dictionary["passwords-common"]
    .map((word) => String(word).toLowerCase())
    .filter((word) => [...word].length >= LIMITS.password.minCharacters && !/[\s"`\\$]/.test(word))
    .slice(0, COUNT);
  return [
    "/** Made by .ci/common-passwords.ts: the commonest passwords that are long enough, in lower case, with spaces between. */",
    "export const COMMON_PASSWORDS =",
    `  "${[...new Set(words)].join(" ")}";`,
    "",
  ].join("\n");
}

if (import.meta.main) writeFileSync(TARGET, commonPasswords());
