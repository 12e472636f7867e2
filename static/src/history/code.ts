/*
 * The code that opens a history which another device has offered. It is never sent: the person carries it from one screen to the other.
 * The server has what it seals, and could try codes as fast as its machines can. So there are too many codes to be tried.
 */

/** Crockford's base32, which has no I, L, O and U: a person confuses none of these with another one. */
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Each letter holds 5 random bits: 125 bits together. */
const LENGTH = 25;

const FORM = new RegExp(`^[${LETTERS}]{${LENGTH}}$`);

/** Letters that are shown together. */
const GROUP = /.{5}(?=.)/g;

/** Spaces, and all that is typed for a hyphen. */
const SEPARATORS = /[\s\p{Pd}_−]/gu;

/** The name of the code in the link to it, as `history=CODE` behind the `#`. */
const IN_LINK = /[#&]history=([^&\s]*)/;

/** The name of the user whose history it is, in the same link. */
const OWNER_IN_LINK = /[#&]user=([^&\s]*)/;

/** Makes a random code. */
export const newCode = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(LENGTH)), (byte) => LETTERS[byte % LETTERS.length]).join("");

/** The code as a person reads and types it: `7K3QM-…`. */
export const shownCode = (code: string): string => code.replaceAll(GROUP, "$&-");

/** The address of the page with the code and the user's name behind the `#`, which a browser sends to no server. */
export const linkOf = (code: string, username: string): string =>
  `${location.origin}${location.pathname}#history=${code}&user=${username}`;

/** Whose history a link brings, if it is one and says so. */
export const ownerIn = (typed: string): string | undefined => OWNER_IN_LINK.exec(typed)?.[1];

/**
 * Reads a code as it was typed: in any case, with or without hyphens and spaces, with I and L for 1 and O for 0. Also reads the link.
 *
 * @returns undefined if it is none
 */
export function readCode(typed: string): string | undefined {
  const text = IN_LINK.exec(typed)?.[1] ?? typed;
  const code = text
    .normalize("NFKC")
    .toUpperCase()
    .replaceAll(SEPARATORS, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return FORM.test(code) ? code : undefined;
}
