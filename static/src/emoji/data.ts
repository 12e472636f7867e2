import keywordsUrl from "emojilib/dist/emoji-en-US.json?url";
import groupsUrl from "unicode-emoji-json/data-by-group.json?url";

/** An emoji, and what it can be found by. */
export interface Emoji {
  readonly emoji: string;
  /** As Unicode calls it. */
  readonly name: string;
  /** Its name and its keywords, in small letters. */
  readonly words: readonly string[];
}

/** A category of Unicode. */
export interface EmojiGroup {
  readonly name: string;
  readonly emojis: readonly Emoji[];
}

/** A group in the file. */
interface Listed {
  readonly name: string;
  readonly emojis: readonly { readonly emoji: string; readonly name: string; readonly emoji_version: string }[];
}

type Keywords = Readonly<Record<string, readonly string[] | undefined>>;

/** Of 2022. The fonts of systems that are in use have all up to there. */
const NEWEST = 15;

/** The groups of two files: what there is, and by which words it is found. */
const groupsFrom = (groups: readonly Listed[], keywords: Keywords): readonly EmojiGroup[] =>
  groups.map(({ name, emojis }) => ({
    name,
    emojis: emojis
      .filter(({ emoji_version }) => Number(emoji_version) <= NEWEST)
      .map((one) => ({ emoji: one.emoji, name: one.name, words: wordsOf(one.name, keywords[one.emoji]) })),
  }));

const wordsOf = (name: string, keywords: readonly string[] = []): string[] =>
  [name, ...keywords]
    .join(" ")
    .toLowerCase()
    .split(/[\s_]+/);

/** The emoji for which each word of a question is the beginning of one of their words. */
export function found(groups: readonly EmojiGroup[], question: string): readonly Emoji[] {
  const asked = question
    .toLowerCase()
    .split(/[\s_]+/)
    .filter((word) => word !== "");
  const matches = ({ words, emoji }: Emoji): boolean =>
    asked.every((word) => emoji === word || words.some((known) => known.startsWith(word)));
  return groups.flatMap(({ emojis }) => emojis.filter(matches));
}

async function read<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}.`);
  return response.json();
}

let loaded: Promise<readonly EmojiGroup[]> | undefined;

/** All emoji, from files of the page's own server. They are read once. @throws when they cannot be read */
export function loadEmoji(): Promise<readonly EmojiGroup[]> {
  const loading = Promise.all([read<Listed[]>(groupsUrl), read<Keywords>(keywordsUrl)]);
  loaded ??= loading.then(([groups, keywords]) => groupsFrom(groups, keywords));
  loaded.catch(() => {
    loaded = undefined;
  });
  return loaded;
}
