/** A piece of a message: plain, or a link. */
export interface Piece {
  readonly text: string;
  readonly href?: string;
}

/** Ends before what closes a sentence rather than an address. */
const ADDRESS = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}]/gi;

/** Takes a text apart. Only what parses as an http or https URL becomes a link. */
export function pieces(text: string): Piece[] {
  const result: Piece[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    if (!isWebAddress(found)) continue;
    if (index > end) result.push({ text: text.slice(end, index) });
    result.push({ text: found, href: found });
    end = index + found.length;
  }
  if (end < text.length) result.push({ text: text.slice(end) });
  return result;
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === "http:" || protocol === "https:";
}
