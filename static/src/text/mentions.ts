import { USERNAME } from "../../../lib/contract/limits.ts";

/** A piece of a text. */
export interface MentionPiece {
  readonly text: string;
  /** The username that it mentions, in lower case. */
  readonly name?: string;
}

/**
 * An `@` that may begin a mention, and all that may be a name behind it. Not after a character of a mail address or a path. Not
 * where a letter goes on that looks like a part of the name (`@josé` does not mention `jos`); other scripts need no space.
 */
const CANDIDATE = /(?<![a-z0-9@._%+/-])@([a-z0-9._-]{3,})(?![a-z0-9._\p{Script=Latin}\p{M}-])/giu;

/** Punctuation that may end a sentence as well as a name. */
const AT_END = /[._-]$/;
const NO_PUNCTUATION = /[^._-]/;

/**
 * The name at the beginning of a text, the longest one that exists. `@bob.` mentions `bob`, where nobody is called `bob.`; and
 * `@bob.smith` never does. Where a text is longer than any name, only punctuation may be behind the longest part of it that can be
 * one. So a long text costs no more than a name.
 */
function nameIn(text: string, isName: (name: string) => boolean): string | undefined {
  if (NO_PUNCTUATION.test(text.slice(USERNAME.maxCharacters))) return undefined;
  let name = text.slice(0, USERNAME.maxCharacters).toLowerCase();
  while (!isName(name)) {
    if (!AT_END.test(name)) return undefined;
    name = name.slice(0, -1);
  }
  return name;
}

/**
 * Splits a text at the mentions in it.
 *
 * @param isName Whether somebody has this username, in lower case.
 */
export function mentionPieces(text: string, isName: (name: string) => boolean): MentionPiece[] {
  const pieces: MentionPiece[] = [];
  let end = 0;
  for (const { index, 1: candidate = "" } of text.matchAll(CANDIDATE)) {
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
