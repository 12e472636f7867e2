/** A text that must never be printed, and what it is. */
export interface Secret {
  /** Such as "password". */
  readonly kind: string;
  readonly text: string;
}

/** The ways in which a text is written in a log: as it is, in JSON once and twice, in a form, in a URL, in base64. */
function writingsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    JSON.stringify(JSON.stringify(text)).slice(3, -3),
    encodeURIComponent(text.toWellFormed()),
    encodeURIComponent(text.toWellFormed()).replaceAll("%20", "+"),
    // Without its end, which depends on what follows.
    bytes.toString("base64").replace(/.{4}$/, ""),
    bytes.toString("base64url").replace(/.{4}$/, ""),
    bytes.toString("hex"),
  ];
}

/** Those of the secrets that are printed in any writing. */
export const leaksIn = (printed: string, secrets: readonly Secret[]): Secret[] =>
  secrets.filter(({ text }) => writingsOf(text).some((writing) => printed.includes(writing)));
