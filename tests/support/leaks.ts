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

/** Those of the secrets that are printed in any writing. One pass over what is printed, however many secrets there are. */
export function leaksIn(printed: string, secrets: readonly Secret[]): Secret[] {
  const written = secrets.flatMap((secret) => writingsOf(secret.text).map((writing) => ({ secret, writing })));
  const length = written.reduce((least, { writing }) => Math.min(least, writing.length), Number.POSITIVE_INFINITY);
  const byStart = Map.groupBy(written, ({ writing }) => writing.slice(0, length));
  // To look at nearly every place without making a string of it.
  const isStart = new Uint8Array(2 ** HASH_BITS);
  for (const start of byStart.keys()) isStart[hashAt(start, 0, length)] = 1;
  const found = new Set<Secret>();
  for (let at = 0; at + length <= printed.length; at++) {
    if (!isStart[hashAt(printed, at, length)]) continue;
    for (const { secret, writing } of byStart.get(printed.slice(at, at + length)) ?? []) {
      if (printed.startsWith(writing, at)) found.add(secret);
    }
  }
  return secrets.filter((secret) => found.has(secret));
}

const HASH_BITS = 24;

function hashAt(text: string, at: number, length: number): number {
  let hash = 0;
  for (let n = at; n < at + length; n++) hash = (Math.imul(hash, 31) + text.charCodeAt(n)) | 0;
  return Math.imul(hash, 0x9e3779b1) >>> (32 - HASH_BITS);
}
