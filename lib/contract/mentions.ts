import { USERNAME } from "./limits.ts";

/**
 * An `@` that may begin a mention, and all that may be a name behind it. Not after a character of a mail address or a path. Not
 * where a letter goes on that looks like a part of the name (`@josé` does not mention `jos`); other scripts need no space.
 */
const CANDIDATE = /(?<![a-z0-9@._%+/-])@([a-z0-9._-]{3,})(?![a-z0-9._\p{Script=Latin}\p{M}-])/giu;

/** Punctuation that may end a sentence as well as a name. */
const AT_END = /[._-]$/;
const NO_PUNCTUATION = /[^._-]/;

/** What may be a mention. */
export interface MentionCandidate {
  /** Where its `@` is in the text. */
  readonly index: number;
  /** What begins with the name, in lower case. No longer than a name. */
  readonly text: string;
}

/**
 * What may be mentions in a text. Where more is behind an `@` than a name may be long, only punctuation may be behind the longest
 * part that can be one: so a long text costs no more than a name.
 */
export function* mentionCandidates(text: string): Generator<MentionCandidate> {
  for (const { index, 1: all = "" } of text.matchAll(CANDIDATE)) {
    if (NO_PUNCTUATION.test(all.slice(USERNAME.maxCharacters))) continue;
    yield { index, text: all.slice(0, USERNAME.maxCharacters).toLowerCase() };
  }
}

/**
 * The name that a candidate begins with, the longest one that exists. `@bob.` mentions `bob`, where nobody is called `bob.`; and
 * `@bob.smith` never does.
 *
 * @param isName Whether somebody has this username.
 */
export function nameIn(
  { text }: Pick<MentionCandidate, "text">,
  isName: (name: string) => boolean,
): string | undefined {
  let name = text;
  while (!isName(name)) {
    if (!AT_END.test(name)) return undefined;
    name = name.slice(0, -1);
  }
  return name;
}
