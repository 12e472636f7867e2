import { writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { dictionary } from "@zxcvbn-ts/language-common";
import { LIMITS } from "../lib/contract/limits.ts";

/*
 *   node .ci/common-passwords.ts     writes lib/accounts/common-passwords.ts
 *
 * The package has 49,000 passwords that were leaked, the commonest first. A shorter list is bundled, and packed, as the function
 * must start quickly: an attacker has 100 attempts at a username in 15 minutes and gets no further than its beginning.
 */

/** How many of them are bundled. */
const COUNT = 5_000;

const TARGET = new URL("../lib/accounts/common-passwords.ts", import.meta.url);

/** The passwords, in lower case. */
export function commonPasswords(): string[] {
  const words = dictionary["passwords-common"]
    .map((word) => String(word).toLowerCase())
    .filter((word) => [...word].length >= LIMITS.password.minCharacters && !/[\s"`\\$]/.test(word))
    .slice(0, COUNT);
  return [...new Set(words)];
}

/** In order they are packed into two thirds of the bytes that they take as they come. */
function moduleText(words: readonly string[]): string {
  const packed = brotliCompressSync(words.toSorted().join(" ")).toString("base64");
  return [
    "/** Made by .ci/common-passwords.ts: the commonest passwords that are long enough, with spaces between, by Brotli as Base64. */",
    "export const COMMON_PASSWORDS =",
    `  "${packed}";`,
    "",
  ].join("\n");
}

if (import.meta.main) writeFileSync(TARGET, moduleText(commonPasswords()));
