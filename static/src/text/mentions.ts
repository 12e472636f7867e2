import { mentionCandidates, nameIn } from "../../../lib/contract/mentions.ts";

/** A piece of a text. */
export interface MentionPiece {
  readonly text: string;
  /** The username that it mentions, in lower case. */
  readonly name?: string;
}

/**
 * Splits a text at the mentions in it.
 *
 * @param isName Whether somebody has this username, in lower case.
 */
export function mentionPieces(text: string, isName: (name: string) => boolean): MentionPiece[] {
  const pieces: MentionPiece[] = [];
  let end = 0;
  for (const candidate of mentionCandidates(text)) {
    const { index } = candidate;
    const name = nameIn(candidate, isName);
    if (name === undefined) continue;
    const length = "@".length + name.length;
    if (index > end) pieces.push({ text: text.slice(end, index) });
    pieces.push({ text: text.slice(index, index + length), name });
    end = index + length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** Whether a text mentions a user. What is in links does not count. */
export const mentions = (
  pieces: readonly { readonly text: string; readonly href?: string }[],
  username: string,
): boolean =>
  pieces.some(
    ({ text, href }) => href === undefined && mentionPieces(text, (name) => name === username).some(({ name }) => name),
  );

/** A mention that is being written: the `@` before the cursor, and what is behind it so far. */
export interface Begun {
  /** Where the `@` is. */
  readonly start: number;
  /** In lower case. */
  readonly typed: string;
}

const BEGUN = /(?<![a-z0-9@._%+/-])@([a-z0-9._-]*)$/iu;

/** The mention that ends at the cursor, if there is one. */
export function begunMention(text: string, cursor: number): Begun | undefined {
  // A name is short: what is far before the cursor does not matter.
  const from = Math.max(0, cursor - 64);
  const found = BEGUN.exec(text.slice(from, cursor));
  return found === null ? undefined : { start: from + found.index, typed: (found[1] ?? "").toLowerCase() };
}
